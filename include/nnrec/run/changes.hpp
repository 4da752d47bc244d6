#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace nnrec::run {

/// The lines of train::CheckpointInfo::changes, in the order of what happened: who writes them and
/// who reads them.

/// What a line begins with that says of a warm start; no other stands before it.
inline constexpr std::string_view kWarmStartMark = "warm start: ";

/// With whose weights a run began.
struct WarmStart {
  std::string place;  ///< of the checkpoint, as an absolute path
  std::uint64_t step = 0;
  std::string data_digest;  ///< its first 16 digits, as below
  /// Of the sets that those weights had learnt from before, by warm starts and changes of their
  /// own.
  std::vector<std::string> former_digests{};
};
/// The first lines of a warm start, without the mark.
std::vector<std::string> warm_start_lines(const WarmStart& from);
/// Nothing of a run that began with fresh weights.
std::optional<WarmStart> warm_start_of(const std::string& changes);

/// That other data are in force.
std::string data_change(std::string_view digest, std::string_view former);
/// Of the sets that a run was trained on before its data were changed.
std::vector<std::string> former_data_digests(const std::string& changes);
/// Of all that the run's weights have learnt from but its data of now, each once: these, and by a
/// warm start.
std::vector<std::string> earlier_data_digests(const std::string& changes);
/// Those that do not stand for the set of the digest `own`.
std::vector<std::string> other_digests(std::vector<std::string> digests, std::string_view own);

/// The step of the last change of data or sampler, up to which sampled models are part of another
/// mean; 0: of none.
std::uint64_t last_other_mean_step(const std::string& changes);

/// What was changed at a step.
std::string change_at(std::uint64_t step, std::string_view change);
/// The step of the last line; 0 where it says none.
std::uint64_t last_change_step(const std::string& changes);

}  // namespace nnrec::run
