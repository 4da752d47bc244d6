#pragma once

#include <string>
#include <utility>
#include <vector>

namespace nnrec::run {

/// Names and values of lines `name = value`, in their order; other lines are left out.
std::vector<std::pair<std::string, std::string>> read_option_lines(const std::string& lines);

}  // namespace nnrec::run
