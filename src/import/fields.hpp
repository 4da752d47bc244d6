#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "nnrec/import/rating_layout.hpp"
#include "nnrec/import/text.hpp"

namespace nnrec::importing {

/// The fields of one record, without the blanks around them.
class Fields {
 public:
  explicit Fields(std::string separator, Quoting quoting = Quoting::none)
      : separator_(std::move(separator)), quoting_(quoting) {}

  /// Cuts `record`. The fields are valid until the next call, and as long as `record` is.
  /// Returns false when a quote is not closed or text follows a closing quote.
  bool cut(std::string_view record) {
    values_.clear();
    if (quoting_ != Quoting::none && record.find('"') != std::string_view::npos) {
      return cut_quoted(record);
    }
    for (;;) {
      const auto end =
          separator_.size() == 1 ? record.find(separator_[0]) : record.find(separator_);
      values_.push_back(trimmed(record.substr(0, end)));
      if (end == std::string_view::npos) return true;
      record.remove_prefix(end + separator_.size());
    }
  }

  std::size_t size() const noexcept { return values_.size(); }
  std::string_view operator[](std::size_t column) const noexcept { return values_[column]; }
  const std::vector<std::string_view>& all() const noexcept { return values_; }

 private:
  bool cut_quoted(std::string_view record);

  std::string separator_;
  Quoting quoting_;
  std::vector<std::string_view> values_;
  std::string unquoted_;  ///< text of the fields that had quotes
};

/// One record of a text, without its line end.
struct Record {
  std::string_view text;
  std::uint64_t lines = 1;  ///< that it goes over
  bool open = false;        ///< a quote in it is not closed: it has all of the text
};

/// Where records end: at a line end, but not within quotes that may hold line ends.
class Records {
 public:
  explicit Records(std::string separator, Quoting quoting = Quoting::none)
      : separator_(std::move(separator)),
        over_lines_(quoting == Quoting::rfc4180 || quoting == Quoting::backslash),
        backslash_(quoting == Quoting::backslash) {}

  /// Takes the first record off `text`. Requires a text that is not empty.
  Record take(std::string_view& text) const;
  /// The bytes of the records at the front of `text` that have their line end; of all its lines
  /// where the first record would be longer than 8 MiB.
  std::size_t whole(std::string_view text) const;

 private:
  std::size_t end_of_first(std::string_view text) const;
  std::size_t end_of_quoted(std::string_view text, std::size_t at) const;

  std::string separator_;
  bool over_lines_;
  bool backslash_;
};

}  // namespace nnrec::importing
