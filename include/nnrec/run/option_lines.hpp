#pragma once

#include <string>
#include <utility>
#include <vector>

namespace nnrec::run {

/// Names and values of lines `name = value`, in their order; other lines are left out.
std::vector<std::pair<std::string, std::string>> read_option_lines(const std::string& lines);

/// A line `name = value, was value` for each name whose values differ, by name; `absent` stands for
/// the value of the side that has none.
std::vector<std::string> differing_lines(const std::string& now, const std::string& then,
                                         const std::string& absent);

}  // namespace nnrec::run
