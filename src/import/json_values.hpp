#pragma once

#include <array>
#include <cmath>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <fmt/format.h>
#include <simdjson.h>

namespace nnrec::importing {

/// A value of JSON as people's text: text as it is, numbers in their shortest decimal form (1.0 is
/// 1), null as nothing; no value for true, false, arrays and objects. The text is valid until
/// `buffer` changes, and as long as the document is.
inline std::optional<std::string_view> plain_text(const simdjson::dom::element& element,
                                                  std::string& buffer) {
  using simdjson::dom::element_type;
  constexpr double kMostExact = 1ULL << 53;
  switch (element.type()) {
    case element_type::STRING:
      return element.get_string().value_unsafe();
    case element_type::INT64:
      buffer = std::to_string(element.get_int64().value_unsafe());
      return buffer;
    case element_type::UINT64:
      buffer = std::to_string(element.get_uint64().value_unsafe());
      return buffer;
    case element_type::DOUBLE: {
      const double value = element.get_double().value_unsafe();
      const bool whole = std::abs(value) < kMostExact && value == std::floor(value);
      buffer = whole ? fmt::format("{:.0f}", value) : fmt::format("{}", value);
      return buffer;
    }
    case element_type::NULL_VALUE:
      return std::string_view();
    default:
      return std::nullopt;
  }
}

/// What is wrong with a text of JSON, for messages.
inline const char* json_fault(simdjson::error_code error) {
  // Later versions of the library have an error of its own for the second, BIGINT_ERROR.
  const bool is_number = error == simdjson::NUMBER_ERROR ||
                         std::string_view(simdjson::error_message(error)).starts_with("BIGINT");
  return is_number ? "a number that is none, or has more than 64 bits: put such ids in quotes"
                   : simdjson::error_message(error);
}

}  // namespace nnrec::importing
