#include "nnrec/run/checkpoints.hpp"

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <optional>
#include <system_error>
#include <utility>

#include "nnrec/base/error.hpp"
#include "nnrec/base/file_handle.hpp"
#include "nnrec/base/system.hpp"
#include "nnrec/io/atomic_file.hpp"
#include "nnrec/io/resolved_path.hpp"
#include "nnrec/io/sealed_file.hpp"
#include "nnrec/models/variants.hpp"

namespace nnrec::run {
namespace {
namespace fs = std::filesystem;

constexpr const char* kCheckpoints = "checkpoints";
constexpr const char* kSamples = "samples";

/// The step that a checkpoint's file name says, where it is one of this variant.
std::optional<std::uint64_t> step_of(const std::string& name, std::string_view variant) {
  const std::string head = fmt::format("{}-step-", variant);
  if (!name.starts_with(head) || !name.ends_with(".h5")) return std::nullopt;
  std::uint64_t step = 0;
  const char* last = name.data() + name.size() - 3;
  const auto [end, error] = std::from_chars(name.data() + head.size(), last, step);
  if (error != std::errc{} || end != last) return std::nullopt;
  return step;
}

std::string file_name(std::string_view variant, std::uint64_t step) {
  return fmt::format("{}-step-{:010}.h5", variant, step);
}

std::vector<SavedCheckpoint> find_in(const fs::path& folder, std::string_view variant) {
  std::vector<SavedCheckpoint> found;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    const auto step = step_of(entry.path().filename().string(), variant);
    if (step) found.push_back({*step, entry.path()});
  }
  if (error && error != std::errc::no_such_file_or_directory)
    throw IoError("{}: cannot be listed: {}", folder.string(), error.message());
  std::ranges::sort(found, {}, &SavedCheckpoint::step);
  return found;
}

/// What is there and cannot be opened is not damaged: to go on from the one before it would lose
/// what it holds.
bool is_there(const fs::path& path) {
  if (FileHandle(std::fopen(path.c_str(), "rb"))) return true;
  const std::string reason = system_reason();
  if (is_gone(path)) return false;
  throw IoError(
      "{}: cannot be opened: {}. Training goes on from no older checkpoint in its place: make it "
      "readable, or move it out of the folder.",
      path.string(), reason);
}

/// Whether the file is as it was saved.
bool is_whole(const fs::path& path) {
  try {
    io::check_seal(path);
    return true;
  } catch (const InputError&) {  // says what is damaged, which is known by now
    return false;
  }
}

/// Nor is one damaged that is as it was saved, and that this program does not read.
void require_damaged(const fs::path& path, const InputError& refusal) {
  if (!is_whole(path)) return;
  throw InputError(
      "{}. The file is as it was saved, so that training goes on from no older checkpoint in its "
      "place; or move it out of the folder.",
      refusal.what());
}

}  // namespace

fs::path checkpoint_path(const fs::path& run, std::string_view variant, std::uint64_t step) {
  return run / kCheckpoints / file_name(variant, step);
}

fs::path sample_path(const fs::path& run, std::string_view variant, std::uint64_t step) {
  return run / kSamples / file_name(variant, step);
}

std::vector<SavedCheckpoint> find_checkpoints(const fs::path& run, std::string_view variant) {
  return find_in(run / kCheckpoints, variant);
}

std::vector<std::string> trained_variants(const fs::path& run) {
  std::vector<std::string> names;
  for (const auto& variant : models::variants()) {
    if (!find_checkpoints(run, variant.name).empty()) names.emplace_back(variant.name);
  }
  return names;
}

fs::path saved_mark_path(const fs::path& run, std::string_view variant) {
  return run / fmt::format("{}.saved", variant);
}

std::vector<SavedCheckpoint> find_samples(const fs::path& run, std::string_view variant) {
  return find_in(run / kSamples, variant);
}

std::vector<fs::path> runs_around(const fs::path& checkpoint) {
  std::vector<fs::path> runs;
  const fs::path named = fs::absolute(checkpoint).lexically_normal();
  for (const fs::path& path : {named, io::resolved_path(named.parent_path()) / named.filename(),
                               io::resolved_path(named)}) {
    fs::path run = path.parent_path().parent_path();
    if (io::is_there(run / "options.cfg") && std::ranges::find(runs, run) == runs.end())
      runs.push_back(std::move(run));
  }
  return runs;
}

bool is_gone(const fs::path& path) {
  std::error_code ignored;
  return fs::symlink_status(path, ignored).type() == fs::file_type::not_found;
}

void throw_removed(const fs::path& run, std::string_view variant) {
  throw InputError(
      "{}: checkpoints of {} are removed while they are read, by a job that trains there: wait for "
      "its end, or train with a larger --keep",
      run.string(), variant);
}

std::vector<ValidCheckpoint> newest_valid(const fs::path& run, const std::string& variant,
                                          std::size_t count, Log& log) {
  return newest_valid(run, variant, find_checkpoints(run, variant), count, log);
}

std::vector<ValidCheckpoint> newest_valid(const fs::path& run, const std::string& variant,
                                          std::vector<SavedCheckpoint> found, std::size_t count,
                                          Log& log) {
  std::vector<ValidCheckpoint> valid;
  std::string first_refusal;
  const auto refuse = [&](const std::string& why) {
    log.warn("checkpoint refused: {}", why);
    if (first_refusal.empty()) first_refusal = why;
  };
  for (; !found.empty() && valid.size() < count; found.pop_back()) {
    const SavedCheckpoint& saved = found.back();
    if (!is_there(saved.path)) continue;
    try {
      ValidCheckpoint checkpoint{saved.path, train::read_checkpoint_head(saved.path)};
      const train::CheckpointHead& head = checkpoint.head;
      if (head.info.variant == variant && head.progress.step == saved.step) {
        valid.push_back(std::move(checkpoint));
        continue;
      }
      refuse(fmt::format("{}: holds step {} of {}: it was renamed", saved.path.string(),
                         head.progress.step, head.info.variant));
    } catch (const InputError& error) {  // damaged: lost is what was trained since the one before
      if (is_gone(saved.path)) continue;
      require_damaged(saved.path, error);
      refuse(error.what());
    }
  }
  if (!valid.empty() || first_refusal.empty()) return valid;
  throw InputError(
      "{}: no checkpoint of {} is valid, so there is nothing to go on from; train in another --run "
      "folder to begin anew. The newest: {}",
      run.string(), variant, first_refusal);
}

}  // namespace nnrec::run
