#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "nnrec/base/error.hpp"
#include "nnrec/data/text.hpp"

namespace nnrec::data {

/// The fields of one line of a delimited file without quotes, and their place for messages.
/// Blanks around a field are no part of it.
class Fields {
 public:
  /// Requires: `path` outlives the object.
  Fields(const std::string& path, char separator) : path_(path), separator_(separator) {}

  /// Cuts `line`, which is line `number` of the file.
  void cut(std::string_view line, std::uint64_t number) {
    number_ = number;
    values_.clear();
    for (;;) {
      const auto end = line.find(separator_);
      values_.push_back(trimmed(line.substr(0, end)));
      if (end == std::string_view::npos) return;
      line.remove_prefix(end + 1);
    }
  }

  std::size_t size() const noexcept { return values_.size(); }
  std::string_view operator[](std::size_t column) const noexcept { return values_[column]; }
  std::string place(std::size_t column) const {
    return fmt::format("{}:{}:{}", path_, number_, column + 1);
  }

  /// The field as a number. Throws InputError.
  template <typename T>
  T number(std::size_t column, std::string_view name) const {
    const auto value = parse_number<T>(values_[column]);
    if (!value) fail(column, name, "is not a number that fits");
    return *value;
  }
  /// The field as an id. Throws InputError when it is empty or not printable UTF-8.
  std::string_view id(std::size_t column, std::string_view name) const {
    const auto value = values_[column];
    if (value.empty()) fail(column, name, "is empty");
    for (const char c : value) {
      if (static_cast<unsigned char>(c) < ' ') fail(column, name, "has a control character");
    }
    if (!is_utf8(value)) fail(column, name, "is not UTF-8");
    return value;
  }
  [[noreturn]] void fail(std::size_t column, std::string_view name, std::string_view rule) const {
    throw InputError("{}: {} = {} {}. Correct or remove the line.", place(column), name,
                     escaped(values_[column]), rule);
  }

 private:
  const std::string& path_;
  char separator_;
  std::uint64_t number_ = 0;
  std::vector<std::string_view> values_;
};

}  // namespace nnrec::data
