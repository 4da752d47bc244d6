#pragma once

#include <cstdio>
#include <filesystem>
#include <functional>
#include <string_view>

#include "nnrec/base/file_handle.hpp"

namespace nnrec {

// Writing to what somebody reads meanwhile: pipes, terminals, and files. A reader who pauses holds
// the writer back until a stop is asked (StopSignals), which finds nobody waiting for a reader.

/// Opens `path` to append to it, made where it is missing. For a pipe that nobody reads it calls
/// `waits`, once, and waits for a reader. Where the standard output goes into the same file, both
/// append from then on. Null where that fails: errno says why, EINTR when a stop was asked.
FileHandle open_to_append(
    const std::filesystem::path& path, const std::function<void()>& waits = [] {});

enum class Written { all, refused, stopped };
/// Writes `text` and flushes it. `refused`: errno says why. `stopped`: the reader takes no more,
/// and a stop was asked; the beginning may have been taken.
Written write_patiently(std::FILE* stream, std::string_view text);

}  // namespace nnrec
