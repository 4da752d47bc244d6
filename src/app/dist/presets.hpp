#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace nnrec::app {

/// The presets, `published` first.
std::vector<std::string> preset_names();
/// For --help.
std::string describe_presets();

/// The options that a preset stands for, as lines `name = value` of a configuration; none of
/// `published`, which are the defaults, nor of a preset that there is not. Throws UsageError where
/// `variant` (as --variant has it) is not one that the preset has values for.
std::string preset_lines(std::string_view preset, std::string_view variant);

}  // namespace nnrec::app
