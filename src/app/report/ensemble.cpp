#include "ensemble.hpp"

#include <algorithm>
#include <filesystem>
#include <map>
#include <optional>
#include <span>

#include "nnrec/base/error.hpp"
#include "nnrec/base/sha256.hpp"
#include "nnrec/models/variants.hpp"
#include "nnrec/run/changes.hpp"
#include "nnrec/run/checkpoints.hpp"
#include "nnrec/run/open_model.hpp"
#include "nnrec/serve/error_tally.hpp"

namespace nnrec::app {
namespace {

struct Member {
  std::string name;
  run::ModelSource source;
};

std::vector<Member> members_of(const std::string& place, Log& log) {
  std::error_code ignored;
  std::vector<std::string> variants;
  if (std::filesystem::is_directory(place, ignored)) {
    for (const auto& variant : models::variants())
      if (!run::find_checkpoints(place, variant.name).empty()) variants.emplace_back(variant.name);
  }
  if (variants.empty()) variants.emplace_back();  // a checkpoint, or what find_model refuses
  std::vector<Member> members;
  for (const std::string& variant : variants) {
    auto source = run::find_model(place, variant, log);
    members.push_back({fmt::format("{} {}", place, source.head.info.variant), std::move(source)});
  }
  return members;
}

std::vector<Member> all_members(const EnsembleRequest& request, Log& log) {
  std::vector<Member> members;
  for (const std::string& place : request.runs) {
    for (Member& member : members_of(place, log)) members.push_back(std::move(member));
  }
  for (const Member& member : members) {
    if (member.source.head.info.data_digest == members.front().source.head.info.data_digest)
      continue;
    throw InputError(
        "{} and {} were trained on different sets, so that what is new to one may be known to the "
        "other; average models of one set",
        members.front().name, member.name);
  }
  return members;
}

/// What a member says of each row, and of how many models that is the mean.
struct Predictions {
  std::vector<float> of_rows;
  std::uint64_t models = 1;
};

/// Averages what members say of the rows of one part.
class Ensemble {
 public:
  Ensemble(const shards::ShardSet& set, shards::Part part, const math::ThreadTeam& team)
      : set_(set),
        part_(part),
        team_(team),
        facts_(serve::read_training_facts(set, team)),
        rows_(serve::read_evaluated(set, part, set, team)),
        sums_(rows_.ratings.size(), 0.0) {
    if (!rows_.ratings.empty()) return;
    throw InputError(
        "{}: has no {} rows to judge by; prepare it with another split, or give "
        "another --part",
        set.folder().string(), shards::part_name(part));
  }

  std::string add(Member& member, Log& log) {
    Predictions predictions =
        run::read_present(member.source, log, [&] { return predict(member); });
    note_repetition(member.name, predictions.of_rows);
    note_other_data(member);
    note_one_draw(member);
    clip(predictions.of_rows);
    for (std::size_t row = 0; row < sums_.size(); ++row)
      sums_[row] += static_cast<double>(predictions.of_rows[row]);
    ++members_;
    return line(member.name, std::to_string(predictions.models), predictions.of_rows);
  }
  std::string mean() const {
    std::vector<float> means;
    for (const double sum : sums_)
      means.push_back(static_cast<float>(sum / static_cast<double>(members_)));
    return line(fmt::format("mean of {}", members_), "", means) + notes_;
  }
  std::string caption() const {
    const auto scale = set_.manifest().scale();
    return fmt::format("{} {} ratings; predictions {}\n{}", rows_.ratings.size(),
                       shards::part_name(part_),
                       scale ? fmt::format("clipped to {}..{}", scale->low, scale->high)
                             : "as they are (the set declares no scale)",
                       fmt::format(kLine, "member", "models", "RMSE", "MAE"));
  }

 private:
  static constexpr const char* kLine = "{:<40} {:>6} {:>8} {:>8}\n";

  Predictions predict(const Member& member) const {
    const auto kept = train::read_mean_predictions(member.source.checkpoint, part_);
    if (kept && kept->of_rows.size() == sums_.size()) return {kept->of_rows, kept->samples};
    const serve::Model model = run::load_model(member.source, shards::ShardSet(set_));
    return {serve::predict_rows(model, facts_, rows_, team_), 1};
  }
  /// Of models, but also of kept means, whose models are not there.
  void note_repetition(const std::string& name, const std::vector<float>& predictions) {
    Sha256 hash;
    hash.update(std::as_bytes(std::span(predictions)));
    const auto [first, is_new] = by_digest_.emplace(hash.hex_digest(), name);
    if (is_new) return;
    notes_ += fmt::format(
        "{} predicts what {} does, bit for bit: one model counts several times in the mean.\n",
        name, first->second);
  }
  void note_other_data(const Member& member) {
    const auto others = run::other_digests(
        run::earlier_data_digests(member.source.head.info.changes), set_.manifest().digest);
    if (others.empty()) return;
    notes_ += fmt::format(
        "{} has learnt from data of digest {} before; rows of that may be among these, and are no "
        "test.\n",
        member.name, fmt::join(others, ", "));
  }
  void note_one_draw(const Member& member) {
    if (!run::is_sampled(member.source) || member.source.head.samples > 0) return;
    notes_ += fmt::format(
        "{} is of a sampled run that averages no models yet: it is one draw, which errs more than "
        "their mean.\n",
        member.name);
  }
  void clip(std::span<float> predictions) const {
    const auto scale = set_.manifest().scale();
    if (!scale) return;
    for (float& prediction : predictions)
      prediction = static_cast<float>(scale->clipped(static_cast<double>(prediction)));
  }
  std::string line(const std::string& name, const std::string& models,
                   std::span<const float> predictions) const {
    const auto errors = serve::judge(rows_, predictions, std::nullopt).all;
    return fmt::format(kLine, name, models, fmt::format("{:.4f}", errors.rmse()),
                       fmt::format("{:.4f}", errors.mae()));
  }

  const shards::ShardSet& set_;
  shards::Part part_;
  const math::ThreadTeam& team_;
  serve::TrainingFacts facts_;
  serve::EvaluatedRows rows_;
  std::vector<double> sums_;
  std::size_t members_ = 0;
  std::map<std::string, std::string> by_digest_;  ///< the first member that predicts this
  std::string notes_;
};

}  // namespace

std::string ensemble_lines(const EnsembleRequest& request, const math::ThreadTeam& team, Log& log) {
  std::vector<Member> members = all_members(request, log);
  const auto set = run::open_training_set(members.front().source, request.set);
  Ensemble ensemble(set, request.part, team);
  std::string text = ensemble.caption();
  for (Member& member : members) text += ensemble.add(member, log);
  return text + ensemble.mean();
}

}  // namespace nnrec::app
