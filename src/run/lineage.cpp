#include "nnrec/run/lineage.hpp"

#include <algorithm>
#include <optional>

#include "nnrec/base/error.hpp"
#include "nnrec/io/resolved_path.hpp"

namespace nnrec::run {
namespace {
namespace fs = std::filesystem;

/// The run that a checkpoint is of.
fs::path run_of(const fs::path& checkpoint) {
  return checkpoint.parent_path().parent_path();
}

/// Where the origin of the run in `run` may lie.
std::vector<fs::path> places_of(const train::CheckpointOrigin& origin, const fs::path& run) {
  std::vector<fs::path> places{origin.path};
  if (!origin.from_run.empty())
    places.push_back((io::resolved_path(run) / origin.from_run).lexically_normal());
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
  std::string refusal = fmt::format(
      "{}: is not there any more, from which the run in {} branched: it was moved or, where that "
      "run trained on, removed (--keep)",
      origin.path, run.string());
  for (const fs::path& place : places_of(origin, run)) {
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
  std::vector<fs::path> runs{io::resolved_path(run)};
  for (fs::path at = runs.front(); !own.origin.path.empty();) {
    const std::size_t known = runs.size();
    for (const fs::path& place : places_of(own.origin, at)) {
      if (std::ranges::find(runs, run_of(place)) == runs.end()) runs.push_back(run_of(place));
    }
    if (runs.size() == known) break;  // folders were renamed to each other's names
    try {
      const ValidCheckpoint from = find_origin(at, own);
      at = run_of(from.path);
      own = from.head.info;
    } catch (const InputError&) {  // from where that one branched is not known
      break;
    }
  }
  return runs;
}

ValidCheckpoint find_best(const fs::path& run, const train::CheckpointHead& newest) {
  const auto path_in = [&](const fs::path& folder) {
    return checkpoint_path(folder, newest.info.variant, newest.progress.best_step);
  };
  const std::string& origin = newest.info.origin.path;
  std::string refusal =
      fmt::format("{}: is not there any more{}", path_in(run).string(),
                  origin.empty() ? "" : fmt::format(", nor in {}", run_of(origin).string()));
  const auto find = [&](const fs::path& path) -> std::optional<ValidCheckpoint> {
    if (is_gone(path)) return std::nullopt;
    try {
      ValidCheckpoint found{path, train::read_checkpoint_head(path)};
      if (is_best_of(newest, found.head)) return found;
      refusal = fmt::format("{}: is of another run by now", path.string());
    } catch (const InputError& error) {  // another folder may have it
      refusal = error.what();
    }
    return std::nullopt;
  };
  if (auto own = find(path_in(run))) return *own;
  const auto runs = find_lineage(run, newest.info);
  for (std::size_t i = 1; i < runs.size(); ++i) {
    if (auto found = find(path_in(runs[i]))) return *found;
  }
  throw InputError("{}", refusal);
}

}  // namespace nnrec::run
