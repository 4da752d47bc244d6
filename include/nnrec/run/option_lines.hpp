#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace nnrec::run {

/// Names and values of lines `name = value`, in their order; other lines are left out.
std::vector<std::pair<std::string, std::string>> read_option_lines(const std::string& lines);

/// Those of RUN/options.cfg; none where that cannot be read.
std::vector<std::pair<std::string, std::string>> read_saved_options(
    const std::filesystem::path& run);

/// The values of that name, with "; " between; empty where there is none.
std::string value_of(const std::vector<std::pair<std::string, std::string>>& values,
                     std::string_view name);

/// A line `name = value, was value` for each name whose values differ, by name; `absent` stands for
/// the value of the side that has none.
std::vector<std::string> differing_lines(const std::string& now, const std::string& then,
                                         const std::string& absent);

}  // namespace nnrec::run
