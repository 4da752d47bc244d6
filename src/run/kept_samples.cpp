#include "kept_samples.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace nnrec::run {
namespace {

/// Epochs behind the burn-in up to `epoch`.
std::uint64_t sampled_until(std::uint64_t epoch, const RunOptions& options) {
  const std::uint64_t burn_in = options.training().sampling->burn_in;
  return epoch - std::min(epoch, burn_in);
}

}  // namespace

bool is_kept(const train::TrainProgress& progress, std::span<const SavedCheckpoint> kept,
             const RunOptions& options, std::uint64_t epoch_steps) {
  const auto most = static_cast<std::uint64_t>(options.keep_samples);
  const auto epochs = static_cast<std::uint64_t>(options.epochs);
  const std::uint64_t all = sampled_until(epochs, options);
  const std::uint64_t done = sampled_until(progress.epoch, options);
  const std::uint64_t spread = std::min(most, all);
  if (done * spread / all > (done - 1) * spread / all) return true;
  if (kept.size() >= most) return false;
  const std::uint64_t since = kept.empty() ? done * epoch_steps : progress.step - kept.back().step;
  const std::uint64_t rest = (epochs - progress.epoch) * epoch_steps;
  return since * (most - kept.size()) >= since + rest;
}

std::string lack_of_samples(const train::TrainProgress& progress, std::uint64_t kept,
                            const RunOptions& options) {
  const auto most = static_cast<std::uint64_t>(options.keep_samples);
  const std::uint64_t all = sampled_until(static_cast<std::uint64_t>(options.epochs), options);
  const std::uint64_t to_come = all - std::min(all, sampled_until(progress.epoch, options));
  const std::uint64_t wanted = std::min(most, all);
  if (kept + to_come >= wanted) return "";
  return fmt::format(
      "--keep-samples {} keeps models while they are drawn: {} of {} can be kept, because {} "
      "epochs are still sampled and {} models were kept so far. More --epochs keep more; a run "
      "that has it from its beginning on keeps all",
      most, kept + to_come, wanted, to_come, kept);
}

}  // namespace nnrec::run
