#pragma once

#include <array>
#include <filesystem>
#include <string>
#include <string_view>

#include "nnrec/io/folder_lock.hpp"
#include "nnrec/run/history.hpp"
#include "nnrec/run/result.hpp"

namespace nnrec::run {

/// Names of files that a run's folder has; VARIANT.saved besides.
inline constexpr std::array kRunFiles{"options.cfg",   "log.txt",      History::kFileName,
                                      kResultFileName, kEndedFileName, io::FolderLock::kFileName};

/// As what nnrec keeps a file, whoever's it is, at the end of links: what a seal tells, as of
/// checkpoints and prepared sets, and what a run's folder has under a name of its own. Empty where
/// it is none of these.
std::string kept_as(const std::filesystem::path& file);

/// Throws UsageError where `option` would have such a file written over.
void require_not_kept(std::string_view option, const std::filesystem::path& file);

}  // namespace nnrec::run
