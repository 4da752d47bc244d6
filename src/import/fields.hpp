#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "nnrec/import/text.hpp"

namespace nnrec::import {

/// The fields of one line, without the blanks around them. Quotes (RFC 4180) are understood when
/// asked for: within "..." separators are text and "" is a quote mark.
class Fields {
 public:
  enum class Quotes { none, rfc4180 };

  explicit Fields(std::string separator, Quotes quotes = Quotes::none)
      : separator_(std::move(separator)), quotes_(quotes) {}

  /// Cuts `line`. The fields are valid until the next call, and as long as `line` is.
  /// Returns false when a quote is not closed or text follows a closing quote.
  bool cut(std::string_view line) {
    values_.clear();
    if (quotes_ == Quotes::rfc4180 && line.find('"') != std::string_view::npos) {
      return cut_quoted(line);
    }
    for (;;) {
      const auto end = separator_.size() == 1 ? line.find(separator_[0]) : line.find(separator_);
      values_.push_back(trimmed(line.substr(0, end)));
      if (end == std::string_view::npos) return true;
      line.remove_prefix(end + separator_.size());
    }
  }

  std::size_t size() const noexcept { return values_.size(); }
  std::string_view operator[](std::size_t column) const noexcept { return values_[column]; }
  const std::vector<std::string_view>& all() const noexcept { return values_; }

 private:
  bool cut_quoted(std::string_view line);

  std::string separator_;
  Quotes quotes_;
  std::vector<std::string_view> values_;
  std::string unquoted_;  ///< text of the fields that had quotes
};

/// Takes one record off a CSV text: a line, or more where quotes hold line ends. Without its line
/// end. Returns false when text is empty. `lines` is raised by the lines taken.
bool take_record(std::string_view& text, std::string_view& record, std::uint64_t& lines);

}  // namespace nnrec::import
