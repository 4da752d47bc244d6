#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace nnrec::http {

/// What a client asks, with names and values as it means them: nothing is percent-encoded.
struct Request {
  std::string method;
  std::string path;
  std::vector<std::pair<std::string, std::string>> parameters;  ///< in their order
  std::string body;
};

/// `target` of a request line: "/path?name=value&...". Fills path and parameters. Throws UsageError
/// where it is not of that form.
void read_target(std::string_view target, Request& request);

struct Response {
  unsigned status = 200;
  std::string body;
  std::string type = "application/json";
  std::vector<std::pair<std::string, std::string>> headers{};
};

/// {"error": sentence}, in whatever encoding the sentence's values came.
Response error_response(unsigned status, std::string_view sentence);

}  // namespace nnrec::http
