#include "tuning.hpp"

#include <algorithm>
#include <limits>
#include <utility>

#include "nnrec/base/error.hpp"
#include "nnrec/base/settings.hpp"
#include "nnrec/io/atomic_file.hpp"
#include "nnrec/io/folder.hpp"
#include "nnrec/run/checkpoints.hpp"
#include "nnrec/run/option_lines.hpp"
#include "nnrec/run/result.hpp"

namespace nnrec::app {
namespace {

/// The option whose values add up.
constexpr std::string_view kRepeated = "group";

/// Whether the rates of a run of `epochs` would have been others in a longer one.
bool rates_end_with(const std::string& rate_schedule, std::uint64_t epochs) {
  Settings settings("rate-schedule", split_choice(rate_schedule).settings);
  const auto over = settings.number_if_given("over", {0, 1e9});
  return over && *over == static_cast<double>(epochs);
}

run::VariantEnd only_variant(const std::filesystem::path& run, const run::RunEnd& end) {
  if (end.variants.size() == 1) return end.variants.front();
  throw InputError("{}: has {} variants; a trial trains one: --fixed variant=NAME", run.string(),
                   end.variants.size());
}

}  // namespace

/// That errors are compared on one data set alone.
class Tuning::OneDataSet {
 public:
  explicit OneDataSet(const std::filesystem::path& folder) : folder_(folder) {}

  /// Throws InputError where `end` was trained on another set than those before.
  void see(const std::string& run, const run::RunEnd& end) {
    const std::string own = run::value_of(end.data, "digest");
    if (first_.empty()) {
      first_ = run;
      digest_ = own;
    }
    if (own == digest_) return;
    throw InputError(
        "{}: {} and {} were trained on different data sets (digests {:.16}, {:.16}), so that "
        "their errors do not compare. Remove the runs on one of them",
        folder_.string(), first_, run, digest_, own);
  }
  /// Empty before the first.
  const std::string& digest() const noexcept { return digest_; }

 private:
  const std::filesystem::path& folder_;
  std::string first_;
  std::string digest_;
};

Tuning::Tuning(std::filesystem::path folder, TuningPlan plan)
    : folder_(std::move(folder)), plan_(std::move(plan)) {}

std::string Tuning::trial_name(std::size_t trial) {
  return trial == 0 ? "as-given" : fmt::format("trial-{:03}", trial);
}

std::string Tuning::run_name(std::size_t trial, std::size_t rung) const {
  return fmt::format("{}/epochs-{}", trial_name(trial), plan_.halving.epochs[rung]);
}

TrialDraw Tuning::draw_of(std::size_t trial) const {
  return trial == 0 ? TrialDraw{} : plan_.space.draw(plan_.seed, trial);
}

std::string Tuning::options_of(std::size_t trial) const {
  const TrialDraw draw = draw_of(trial);
  std::string lines = "data = " + plan_.data + "\n";
  // A tuning leaves many runs: of each no more than the next rung needs.
  if (std::ranges::none_of(plan_.fixed, [](const auto& text) { return text.starts_with("keep="); }))
    lines += "keep = 1\n";
  for (const std::string& text : plan_.fixed) {
    const NamedText option = split_option(text);
    const std::string front = fmt::format("{} = ", option.name);
    const bool is_drawn =
        option.name != kRepeated && std::ranges::any_of(draw.options, [&front](const auto& drawn) {
          return drawn.starts_with(front);
        });
    if (!is_drawn) lines += fmt::format("{}{}\n", front, option.value);
  }
  for (const std::string& option : draw.options) lines += option + "\n";
  if (plan_.allow_changes && lines.find("\nallow-changes = ") == std::string::npos)
    lines += "allow-changes = yes\n";
  return lines;
}

void Tuning::write_trials() const {
  for (std::size_t trial = 0; trial <= plan_.halving.trials; ++trial) {
    const auto folder = folder_ / trial_name(trial);
    io::make_folder(folder);
    io::write_text_atomically(folder / "trial.cfg", options_of(trial));
  }
}

std::optional<double> Tuning::end_of(std::size_t trial, std::size_t rung) const {
  OneDataSet any(folder_);
  return end_of(trial, rung, any);
}

std::optional<double> Tuning::end_of(std::size_t trial, std::size_t rung,
                                     OneDataSet& trained_on) const {
  const auto run = folder_ / run_name(trial, rung);
  std::error_code ignored;
  if (std::filesystem::exists(run.string() + ".failed", ignored))
    return std::numeric_limits<double>::infinity();
  const auto ended = run::read_result(run);
  if (!ended) return std::nullopt;
  trained_on.see(run_name(trial, rung), *ended);
  const run::VariantEnd end = only_variant(run, *ended);
  if (end.validation) return end.validation->rmse;
  throw InputError("{}: has no error of a validation part, which alone decides", run.string());
}

std::string Tuning::data_digest() const {
  OneDataSet trained_on(folder_);
  for (std::size_t rung = 0; rung < plan_.halving.epochs.size(); ++rung) {
    for (std::size_t trial = 0; trial <= plan_.halving.trials; ++trial) {
      const std::string run = run_name(trial, rung);
      if (const auto ended = run::read_result(folder_ / run)) trained_on.see(run, *ended);
    }
  }
  return trained_on.digest();
}

std::vector<Rung> Tuning::rungs() const {
  OneDataSet trained_on(folder_);
  return rungs_so_far(plan_.halving, [&](std::size_t trial, std::size_t rung) {
    return end_of(trial, rung, trained_on);
  });
}

std::string Tuning::resume_of(std::size_t trial, std::size_t rung) const {
  if (rung == 0) return "auto";
  const auto before = folder_ / run_name(trial, rung - 1);
  const auto ended = run::read_result(before);
  if (!ended) return "auto";
  const run::VariantEnd end = only_variant(before, *ended);
  if (rates_end_with(end.option("rate-schedule"), plan_.halving.epochs[rung - 1])) return "auto";
  // What has begun goes on, also where the folder was moved since, and the checkpoint with it.
  if (!run::find_checkpoints(folder_ / run_name(trial, rung), end.variant).empty()) return "auto";
  const auto saved = run::find_checkpoints(before, end.variant);
  return saved.empty() ? "auto" : saved.back().path.string();
}

std::string Tuning::tasks() const {
  const auto all = rungs();
  const std::size_t rung = all.size() - 1;
  std::string lines;
  for (const TrialEnd& end : all.back()) {
    if (end.rmse) continue;
    lines += fmt::format("{} {} {}\n", run_name(end.trial, rung), plan_.halving.epochs[rung],
                         resume_of(end.trial, rung));
  }
  return lines;
}

}  // namespace nnrec::app
