#include "json_records.hpp"

#include <algorithm>

#include "json_values.hpp"

namespace nnrec::importing {
namespace {

constexpr auto kNowhere = std::string_view::npos;

/// The place of the quote that closes the one at `at`.
std::size_t end_of_string(std::string_view text, std::size_t at) noexcept {
  for (auto end = text.find('"', at + 1); end != kNowhere; end = text.find('"', end + 1)) {
    std::size_t backslashes = 0;
    while (text[end - 1 - backslashes] == '\\') ++backslashes;
    if (backslashes % 2 == 0) return end;
  }
  return kNowhere;
}

}  // namespace

std::size_t object_size(std::string_view text) noexcept {
  std::size_t depth = 0;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    if (c == '"') {
      at = end_of_string(text, at);
      if (at == kNowhere) return 0;
    } else if (c == '{' || c == '[') {
      ++depth;
    } else if ((c == '}' || c == ']') && --depth == 0) {
      return at + 1;
    }
  }
  return 0;
}

std::string_view without_space(std::string_view text) noexcept {
  text.remove_prefix(std::min(text.find_first_not_of(" \t\r\n"), text.size()));
  return text;
}

bool begins_with_object(std::string_view text) noexcept {
  text = without_space(text);
  if (text.starts_with('[')) text = without_space(text.substr(1));
  return text.starts_with('{');
}

bool members_of(std::string_view object, std::vector<JsonMember>& members, std::string& why) {
  simdjson::dom::parser parser;
  simdjson::dom::object found;
  if (const auto error = parser.parse(object.data(), object.size()).get(found)) {
    why = json_fault(error);
    return false;
  }
  std::string buffer;
  for (const auto& [name, value] : found) {
    const bool twice =
        std::any_of(members.begin(), members.end(),
                    [&key = name](const auto& member) { return member.name == key; });
    if (twice) {
      why = fmt::format("has \"{}\" twice", name);
      return false;
    }
    const auto text = plain_text(value, buffer);
    members.push_back({std::string(name), std::string(text.value_or(""))});
  }
  return true;
}

}  // namespace nnrec::importing
