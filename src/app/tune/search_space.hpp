#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace nnrec::app {

/// What is drawn for one place of an option: a number of a range, or a text of a list.
class ValueSet {
 public:
  enum class Kind { list, whole, real };

  /// `0.001..0.02`, `8..64` (whole numbers, since both ends are), either with `:log` (equally
  /// likely by its logarithm); `500,1000,2000`, or where values have commas `64,16|64`. Throws
  /// UsageError that begins with the text.
  explicit ValueSet(std::string_view text);

  /// A value as a function of `uniform` in [0, 1). Numbers have four digits, so that libraries that
  /// round a logarithm otherwise draw the same.
  std::string at(double uniform) const;
  Kind kind() const noexcept { return kind_; }
  bool is_logarithmic() const noexcept { return is_logarithmic_; }
  const std::vector<std::string>& values() const noexcept { return values_; }  ///< of a list

 private:
  void read_range(std::string_view text, std::size_t dots);
  void read_list(std::string_view text);
  double between(double low, double high, double uniform) const;

  Kind kind_ = Kind::list;
  bool is_logarithmic_ = false;
  double low_ = 0;
  double high_ = 0;
  std::vector<std::string> values_;
};

/// What of an option is drawn.
struct SearchedPlace {
  std::string label;  ///< `batch`, `tables.row_penalty`, `dropout.2`
  ValueSet values;
};

/// A trial's draw.
struct TrialDraw {
  std::vector<std::string> values;   ///< a place each
  std::vector<std::string> options;  ///< `name = value`, in the order of the searches
};

/// The options that a tuning draws.
class SearchSpace {
 public:
  /// Each `NAME=VALUES`, all of the value drawn by a ValueSet, or with sets in braces within it:
  /// `group=tables:row_penalty={1..10:log},count_penalty={0.02..0.2:log},rows=all`.
  /// Throws UsageError that begins with the text.
  explicit SearchSpace(const std::vector<std::string>& searches);

  const std::vector<SearchedPlace>& places() const noexcept { return places_; }
  /// A function of (seed, trial) and the searches.
  TrialDraw draw(std::uint64_t seed, std::uint64_t trial) const;

 private:
  struct Option {
    std::string name;
    std::vector<std::string> texts;  ///< around its places: one more than those
  };
  void read(const std::string& search);
  void read_places(const std::string& search, std::string_view value, Option& option);

  std::vector<Option> options_;
  std::vector<SearchedPlace> places_;
};

/// `NAME=VALUE` in two. Throws UsageError that begins with the text: no such form, or an option
/// that a tuning gives each trial by itself.
struct NamedText {
  std::string_view name;
  std::string_view value;
};
NamedText split_option(std::string_view text);

}  // namespace nnrec::app
