#include "resume.hpp"

#include <algorithm>
#include <map>
#include <sstream>

#include "nnrec/base/error.hpp"

namespace nnrec::app {
namespace {
namespace fs = std::filesystem;

using OptionValues = std::map<std::string, std::string>;

/// Of lines `name = value`.
OptionValues values_of(const std::string& options) {
  OptionValues values;
  std::istringstream lines(options);
  for (std::string line; std::getline(lines, line);) {
    const auto mark = line.find(" = ");
    if (mark != std::string::npos) values[line.substr(0, mark)] = line.substr(mark + 3);
  }
  return values;
}

/// A line for each option that decides the result and differs, and for the data.
std::vector<std::string> differences(const train::CheckpointInfo& then,
                                     const ResumeContext& context) {
  std::vector<std::string> lines;
  const OptionValues before = values_of(then.options);
  for (const auto& [name, value] : values_of(context.options.deciding())) {
    const auto old = before.find(name);
    const std::string was = old == before.end() ? "not known" : old->second;
    if (was != value) lines.push_back(fmt::format("{} = {}, was {}", name, value, was));
  }
  if (then.data_digest != context.data_digest) {
    lines.push_back(
        fmt::format("data digest = {:.16}, was {:.16}", context.data_digest, then.data_digest));
  }
  return lines;
}

StartPoint start_from(const fs::path& checkpoint, const ResumeContext& context, Log& log) {
  const train::CheckpointHead head = train::read_checkpoint_head(checkpoint);
  StartPoint start{head.info.variant, checkpoint, head.progress, head.info.changes};
  const auto changed = differences(head.info, context);
  if (!changed.empty() && !context.options.allow_changes) {
    throw UsageError(
        "{}: made with other options or data ({}), so the result would be neither run's. Give "
        "those, or --allow-changes, or another --run folder.",
        checkpoint.string(), fmt::join(changed, "; "));
  }
  for (const std::string& line : changed) {
    const std::string change = fmt::format("step {}: {}", head.progress.step, line);
    log.warn("{} goes on with a change at {}", head.info.variant, change);
    start.changes += change + "\n";
  }
  start.progress.seed = static_cast<std::uint64_t>(context.options.seed);
  return start;
}

/// The start that --resume PATH asks for.
StartPoint start_at_path(const ResumeContext& context, const RunFolder& folder, Log& log) {
  const fs::path path = context.options.resume;
  StartPoint start = start_from(path, context, log);
  const auto names = context.options.variant_names();
  if (std::ranges::find(names, start.variant) == names.end()) {
    throw UsageError("--resume {}: is of variant {}, which --variant {} does not name",
                     path.string(), start.variant, context.options.variant);
  }
  const auto others = find_checkpoints(folder.path(), start.variant);
  if (!others.empty() && others.back().step > start.progress.step) {
    throw UsageError(
        "--resume {}: --run {} has a later one ({}), which going back would make worthless; choose "
        "a new --run folder",
        path.string(), folder.path().string(), others.back().path.filename().string());
  }
  return start;
}

/// Adds to a refusal what could be used in its place.
[[noreturn]] void offer_another(const Error& refusal, const fs::path& run,
                                const ResumeContext& context, Log& log) {
  for (const std::string& name : context.options.variant_names()) {
    const auto good = newest_valid(run, name, log);
    if (!good) continue;
    throw InputError("{}; the newest valid checkpoint of {} there is {}, which --resume auto takes",
                     refusal.what(), name, good->path.string());
  }
  throw InputError("{}", refusal.what());
}

}  // namespace

std::optional<SavedCheckpoint> newest_valid(const fs::path& run, const std::string& variant,
                                            Log& log) {
  auto found = find_checkpoints(run, variant);
  std::string first_refusal;
  for (; !found.empty(); found.pop_back()) {
    try {
      const auto head = train::read_checkpoint_head(found.back().path);
      if (head.info.variant == variant && head.progress.step == found.back().step) {
        return found.back();
      }
      throw InputError("{}: holds step {} of {}: it was renamed", found.back().path.string(),
                       head.progress.step, head.info.variant);
    } catch (const InputError& error) {  // damaged: lost is what was trained since the one before
      log.warn("checkpoint refused: {}", error.what());
      if (first_refusal.empty()) first_refusal = error.what();
    }
  }
  if (first_refusal.empty()) return std::nullopt;
  throw InputError(
      "{}: no checkpoint of {} is valid, so there is nothing to go on from; train in another --run "
      "folder to begin anew. The newest: {}",
      run.string(), variant, first_refusal);
}

std::vector<StartPoint> find_starts(const ResumeContext& context, const RunFolder& folder,
                                    Log& log) {
  const std::string& resume = context.options.resume;
  if (resume == "never" && folder.holds_run()) {
    throw UsageError("--resume never: --run {} holds another run; choose a new folder",
                     folder.path().string());
  }
  std::optional<StartPoint> asked;
  if (resume != "auto" && resume != "never") {
    try {
      asked = start_at_path(context, folder, log);
    } catch (const InputError& refusal) {
      offer_another(refusal, folder.path(), context, log);
    }
  }
  std::vector<StartPoint> starts;
  for (const std::string& name : context.options.variant_names()) {
    if (asked && asked->variant == name) {
      starts.push_back(*asked);
      continue;
    }
    const auto newest = newest_valid(folder.path(), name, log);
    starts.push_back(newest ? start_from(newest->path, context, log)
                            : StartPoint{name, {}, {}, {}});
  }
  return starts;
}

}  // namespace nnrec::app
