#pragma once

#include <string>
#include <string_view>

namespace nnrec {

/// ASCII letters to lower case, whatever the locale.
constexpr char to_lower(char c) noexcept {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}
std::string lower_case(std::string_view text);

/// A field of a line of comma-separated values as RFC 4180 writes it: in quotes where it holds a
/// comma, a quote or a line's end.
std::string csv_field(std::string_view text);

}  // namespace nnrec
