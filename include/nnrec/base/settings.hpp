#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace nnrec {

/// Where a number must lie, both ends included.
struct NumberRange {
  double low;
  double high;
};

/// The settings of something that an option chooses by name: what follows the colon of
/// `adamw:beta1=0.9,decay=0.01`. Whoever was chosen reads each setting once, with its initial value
/// and its rule; finish() then refuses what nobody has read. Reading declares: what was read,
/// spelled out, is text().
class Settings {
 public:
  /// `owner`: who has the settings, for messages. Throws UsageError: not `setting=value` with
  /// commas between, or one given twice.
  Settings(std::string owner, std::string_view text);

  /// Each throws UsageError naming owner, setting, value and rule.
  double number(std::string_view name, double initial, NumberRange range);
  bool flag(std::string_view name, bool initial);  ///< yes or no
  /// For settings that have no initial value; what is not given is not part of text().
  std::optional<double> number_if_given(std::string_view name, NumberRange range);
  std::optional<std::string> word_if_given(std::string_view name);

  /// Gives all that nobody has read so far to `other`, over what that one was given; what `other`
  /// then refuses is said with the settings of both.
  void hand_rest_to(Settings& other);

  /// Throws UsageError where a setting was given and not read; lists those read and the nearest.
  void finish() const;
  /// `setting=value,...` of all that were read, in that order; a number as the shortest text that
  /// reads back as the same.
  const std::string& text() const noexcept { return text_; }

 private:
  struct Given {
    std::string name;
    std::string value;
    bool is_read = false;
  };
  const std::string* read(std::string_view name);
  double checked(std::string_view name, const std::string& value, NumberRange range) const;
  void spell(std::string_view name, std::string_view value);

  std::string owner_;
  std::vector<Given> given_;
  std::vector<std::string> known_;
  std::string text_;
};

/// `name:settings` in two; without a colon the second is empty.
struct NamedChoice {
  std::string_view name;
  std::string_view settings;
};
NamedChoice split_choice(std::string_view text);

}  // namespace nnrec
