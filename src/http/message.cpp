#include "nnrec/http/message.hpp"

#include <nlohmann/json.hpp>

#include "nnrec/base/error.hpp"

namespace nnrec::http {
namespace {

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::string decoded(std::string_view text) {
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      plain += text[i] == '+' ? ' ' : text[i];
      continue;
    }
    const int high = i + 2 < text.size() ? hex_digit(text[i + 1]) : -1;
    const int low = i + 2 < text.size() ? hex_digit(text[i + 2]) : -1;
    if (high < 0 || low < 0) throw UsageError("{}: a % stands before two hexadecimal digits", text);
    plain += static_cast<char>(high * 16 + low);
    i += 2;
  }
  return plain;
}

}  // namespace

void read_target(std::string_view target, Request& request) {
  if (!target.starts_with('/')) throw UsageError("{}: a path begins with /", target);
  const auto mark = target.find('?');
  request.path = target.substr(0, mark);
  request.parameters.clear();
  if (mark == std::string_view::npos) return;
  std::string_view rest = target.substr(mark + 1);
  while (!rest.empty()) {
    const std::string_view pair = rest.substr(0, rest.find('&'));
    rest.remove_prefix(std::min(pair.size() + 1, rest.size()));
    const auto equals = pair.find('=');
    if (equals == std::string_view::npos) throw UsageError("{}: is not name=value", pair);
    request.parameters.emplace_back(decoded(pair.substr(0, equals)),
                                    decoded(pair.substr(equals + 1)));
  }
}

Response error_response(unsigned status, std::string_view sentence) {
  using nlohmann::json;
  const json body{{"error", sentence}};
  return {status, body.dump(-1, ' ', false, json::error_handler_t::replace) + "\n"};
}

}  // namespace nnrec::http
