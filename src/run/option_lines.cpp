#include "option_lines.hpp"

#include <sstream>
#include <string_view>

namespace nnrec::run {

std::vector<std::pair<std::string, std::string>> read_option_lines(const std::string& lines) {
  constexpr std::string_view kMark = " = ";
  std::vector<std::pair<std::string, std::string>> values;
  std::istringstream stream(lines);
  for (std::string line; std::getline(stream, line);) {
    const auto mark = line.find(kMark);
    if (mark == std::string::npos) continue;
    values.emplace_back(line.substr(0, mark), line.substr(mark + kMark.size()));
  }
  return values;
}

}  // namespace nnrec::run
