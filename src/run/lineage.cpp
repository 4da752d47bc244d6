#include "nnrec/run/lineage.hpp"

#include <algorithm>
#include <optional>
#include <set>

#include <fmt/ranges.h>

#include "nnrec/base/error.hpp"
#include "nnrec/io/resolved_path.hpp"

namespace nnrec::run {
namespace {
namespace fs = std::filesystem;

/// The run that a checkpoint is of, as long as it lies in that run's folder.
fs::path run_of(const fs::path& checkpoint) {
  return checkpoint.parent_path().parent_path();
}

/// Where the origin of the run in `run` may lie.
std::vector<fs::path> places_of(const train::CheckpointOrigin& origin, const fs::path& run) {
  std::vector<fs::path> places{origin.path};
  if (origin.from_run.empty()) return places;
  fs::path beside = (io::resolved_path(run) / origin.from_run).lexically_normal();
  if (beside != places.front()) places.push_back(std::move(beside));
  return places;
}

/// No other model has, to the last bit, that error on those data at that step.
bool is_best_of(const train::CheckpointHead& run, const train::CheckpointHead& one) {
  return one.info.variant == run.info.variant && one.info.data_digest == run.info.data_digest &&
         one.progress.step == run.progress.best_step &&
         one.progress.best_step == run.progress.best_step &&
         one.progress.best_rmse == run.progress.best_rmse;
}

}  // namespace

ValidCheckpoint find_origin(const fs::path& run, const train::CheckpointInfo& own) {
  const train::CheckpointOrigin& origin = own.origin;
  const std::vector<fs::path> places = places_of(origin, run);
  std::string refusal = fmt::format(
      "{}: is not there any more{}, from which the run in {} branched: it was moved or, where that "
      "run trained on, removed (--keep)",
      origin.path, places.size() > 1 ? fmt::format(", nor {}", places.back().string()) : "",
      run.string());
  for (const fs::path& place : places) {
    if (is_gone(place)) continue;
    try {
      ValidCheckpoint found{place, train::read_checkpoint_head(place)};
      const std::string& digest = found.head.model_digest;
      if (origin.model_digest.empty() || origin.model_digest == digest) return found;
      refusal = fmt::format(
          "{}: is of another run than the one that the run in {} branched from (model digest "
          "{:.16}, was {:.16})",
          place.string(), run.string(), digest, origin.model_digest);
    } catch (const InputError& damage) {  // another place may have it
      refusal = damage.what();
    }
  }
  throw InputError("{}", refusal);
}

std::vector<fs::path> find_lineage(const fs::path& run, train::CheckpointInfo own) {
  std::vector<fs::path> origins;
  for (fs::path at = run; !own.origin.path.empty();) {
    const std::size_t known = origins.size();
    for (const fs::path& place : places_of(own.origin, at)) {
      if (std::ranges::find(origins, place) == origins.end()) origins.push_back(place);
    }
    if (origins.size() == known) break;  // folders were renamed to each other's names
    try {
      const ValidCheckpoint from = find_origin(at, own);
      at = run_of(from.path);
      own = from.head.info;
    } catch (const InputError&) {  // from where that one branched is not known
      break;
    }
  }
  return origins;
}

ValidCheckpoint find_best(const fs::path& run, const train::CheckpointHead& newest) {
  const fs::path own = checkpoint_path(run, newest.info.variant, newest.progress.best_step);
  std::string refusal;
  const auto find = [&](const fs::path& path) -> std::optional<ValidCheckpoint> {
    if (is_gone(path)) return std::nullopt;
    try {
      ValidCheckpoint found{path, train::read_checkpoint_head(path)};
      if (is_best_of(newest, found.head)) return found;
      // One of another name may be of another step, too.
      if (path.filename() == own.filename())
        refusal = fmt::format("{}: is of another run by now", path.string());
    } catch (const InputError& error) {  // another folder may have it
      refusal = error.what();
    }
    return std::nullopt;
  };
  if (auto found = find(own)) return *found;
  std::vector<std::string> folders;
  std::set<fs::path> sought{io::resolved_path(own)};
  for (const fs::path& place : find_lineage(run, newest.info)) {
    // Beside it first, where one name says which it is: reading costs the whole file.
    for (const fs::path& path : {place.parent_path() / own.filename(), place}) {
      if (!sought.insert(path).second) continue;
      if (auto found = find(path)) return *found;
    }
    if (std::ranges::find(folders, place.parent_path().string()) == folders.end())
      folders.push_back(place.parent_path().string());
  }
  if (!refusal.empty()) throw InputError("{}", refusal);
  throw InputError("{}: is not there any more{}{}", own.string(),
                   folders.empty() ? "" : ", nor in ", fmt::join(folders, ", nor in "));
}

}  // namespace nnrec::run
