#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "nnrec/base/log.hpp"
#include "nnrec/train/checkpoint.hpp"

namespace nnrec::run {

/// RUN/checkpoints/VARIANT-step-N.h5, N with leading zeros.
std::filesystem::path checkpoint_path(const std::filesystem::path& run, std::string_view variant,
                                      std::uint64_t step);

/// One checkpoint in a run folder.
struct SavedCheckpoint {
  std::uint64_t step = 0;
  std::filesystem::path path;
};

/// The checkpoints of a variant in a run's folder by their names, oldest step first; whether they
/// are valid is not looked at. Throws IoError.
std::vector<SavedCheckpoint> find_checkpoints(const std::filesystem::path& run,
                                              std::string_view variant);

/// The variants that have some there, in the order of models::variants(). Throws IoError.
std::vector<std::string> trained_variants(const std::filesystem::path& run);

/// The same of the models of a sampled run that are kept for answers, RUN/samples/...: checkpoints
/// without optimiser state.
std::filesystem::path sample_path(const std::filesystem::path& run, std::string_view variant,
                                  std::uint64_t step);
/// Where a run notes that a checkpoint of the variant was saved, so that it is missed when it is
/// gone.
std::filesystem::path saved_mark_path(const std::filesystem::path& run, std::string_view variant);
std::vector<SavedCheckpoint> find_samples(const std::filesystem::path& run,
                                          std::string_view variant);

/// The folders of runs that a checkpoint or sample lies in, as it is named or at the end of links,
/// the likeliest first; none where it lies by itself. Throws IoError.
std::vector<std::filesystem::path> runs_around(const std::filesystem::path& checkpoint);

/// Whether nothing has that name any more, as where a job that trains there has removed it.
bool is_gone(const std::filesystem::path& path);

/// Looks at a folder where a job trains, which may remove meanwhile what was found.
inline constexpr int kMostLooks = 50;
/// Throws InputError: of what was gone at every look.
[[noreturn]] void throw_removed(const std::filesystem::path& run, std::string_view variant);

/// A checkpoint whose seal, head and file name agree.
struct ValidCheckpoint {
  std::filesystem::path path;
  train::CheckpointHead head;
};

/// The `count` newest valid checkpoints of `variant` in `run`, newest first, or as many as there
/// are; refused ones are named in the log. Throws InputError when there are some and all are
/// refused.
std::vector<ValidCheckpoint> newest_valid(const std::filesystem::path& run,
                                          const std::string& variant, std::size_t count, Log& log);
/// The same of those that were found before; what a job that trains there has removed since is left
/// out.
std::vector<ValidCheckpoint> newest_valid(const std::filesystem::path& run,
                                          const std::string& variant,
                                          std::vector<SavedCheckpoint> found, std::size_t count,
                                          Log& log);

}  // namespace nnrec::run
