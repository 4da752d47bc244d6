#include "model_answers.hpp"

#include <algorithm>
#include <array>
#include <optional>

#include <fmt/format.h>

#include "nnrec/base/error.hpp"
#include "nnrec/run/open_model.hpp"
#include "nnrec/run/result.hpp"
#include "nnrec/serve/error_tables.hpp"
#include "nnrec/serve/item_list.hpp"
#include "nnrec/serve/recommender.hpp"

namespace nnrec::app {
namespace {

using shards::Part;

/// The models of one set, opened.
struct SetModels {
  shards::ShardSet set;
  std::vector<std::string> names;
  std::vector<run::ModelSource> sources;
  std::vector<std::string> doubts;
};

/// Where the checkpoint of a run's best or last model was removed, another one answers. Empty of a
/// run that has not ended.
std::string doubt_of(const ShownModel& shown, const run::ModelSource& source) {
  std::optional<run::RunEnd> end;
  try {
    end = run::read_result(shown.run);
  } catch (const InputError&) {  // said where its results are shown
  }
  if (!end) return "";
  const auto of = std::ranges::find(end->variants, shown.variant, &run::VariantEnd::variant);
  if (of == end->variants.end()) return "";
  const std::uint64_t answers = source.head.progress.step;
  const std::uint64_t last = of->steps;
  const std::uint64_t judged = run::is_sampled(source) ? last : of->best_step.value_or(last);
  if (answers == judged) return "";
  return fmt::format(
      "{}: the model of step {} answers, while the results are of the {} one, of step {}, whose "
      "checkpoint is not taken.",
      shown.name, answers, judged == last ? "last" : "best", judged);
}

void add_model(const ShownModel& shown, const std::string& set, std::vector<SetModels>& groups,
               Log& log) {
  auto source = run::find_model(shown.run, shown.variant, log);
  const std::string doubt = doubt_of(shown, source);
  if (!doubt.empty()) log.warn("{}", doubt);
  const auto add = [&](SetModels& group) {
    group.names.push_back(shown.name);
    group.sources.push_back(std::move(source));
    if (!doubt.empty()) group.doubts.push_back(doubt);
  };
  for (SetModels& group : groups) {
    if (!run::is_trained_on(source, group.set)) continue;
    return add(group);
  }
  groups.push_back({run::open_training_set(source, set), {}, {}, {}});
  add(groups.back());
}

std::vector<SetModels> open_sets(const std::vector<ShownModel>& models, const std::string& set,
                                 std::vector<std::string>& left_out, Log& log) {
  std::vector<SetModels> groups;
  for (const ShownModel& shown : models) {
    try {
      add_model(shown, set, groups, log);
    } catch (const Error& error) {
      const bool is_missing = error.kind() == ErrorKind::input || error.kind() == ErrorKind::usage;
      if (!set.empty() || !is_missing) throw;
      left_out.push_back(fmt::format("{}: {}", shown.name, error.what()));
      log.warn("not asked for predictions: {}", left_out.back());
    }
  }
  return groups;
}

/// Of few, middling and many training ratings: at 10, 50 and 90 % of the users by rising number.
std::vector<std::uint32_t> sample_users(const serve::TrainingFacts& facts) {
  std::vector<std::uint32_t> users;
  for (std::uint32_t user = 0; user < facts.users.rows.size(); ++user)
    if (facts.users.has(user)) users.push_back(user);
  std::ranges::stable_sort(users, {}, [&](std::uint32_t user) { return facts.users.rows[user]; });
  std::vector<std::uint32_t> chosen;
  for (const std::size_t percent : {10U, 50U, 90U}) {
    const std::uint32_t user = users[(users.size() - 1) * percent / 100];
    if (std::ranges::find(chosen, user) == chosen.end()) chosen.push_back(user);
  }
  return chosen;
}

/// Asks one model after the other, so that one at a time is in memory.
class SetInquiry {
 public:
  SetInquiry(SetModels& models, const math::ThreadTeam& team, Log& log)
      : models_(models),
        team_(team),
        log_(log),
        part_(models.set.manifest().rows(Part::test) > 0 ? Part::test : Part::validation),
        facts_(serve::read_training_facts(models.set, team)),
        rows_(serve::read_evaluated(models.set, part_, models.set, team)),
        seen_(models.set, {Part::train, Part::validation, Part::test}, team),
        users_(sample_users(facts_)) {}

  SetAnswers answers() {
    SetAnswers answers;
    answers.folder = models_.set.folder().string();
    answers.manifest = models_.set.manifest();
    answers.part = shards::part_name(part_);
    answers.models = models_.names;
    answers.doubts = models_.doubts;
    for (const std::uint32_t user : users_)
      answers.lists.push_back(
          {models_.set.catalogue().user_ids[user], facts_.users.rows[user], {}});
    std::vector<serve::Contender> contenders;
    for (std::size_t i = 0; i < models_.sources.size(); ++i) {
      run::ModelSource& source = models_.sources[i];
      const serve::Model model =
          run::load_present_model(source, shards::ShardSet(models_.set), log_);
      add_lists(model, answers.lists);
      answers.parameters.push_back(model.network.layout().parameter_count());
      contenders.push_back({models_.names[i], serve::predict_rows(model, facts_, rows_, team_)});
    }
    if (rows_.ratings.empty()) return answers;
    for (auto& means : serve::means_of(rows_, facts_)) contenders.push_back(std::move(means));
    answers.errors =
        serve::error_tables(rows_, facts_, contenders, models_.set.manifest().scale(), team_);
    return answers;
  }

 private:
  void add_lists(const serve::Model& model, std::vector<UserLists>& lists) const {
    serve::Recommender recommender(model, facts_, team_);
    serve::ListWish wish;
    wish.top = kSampleTop;
    wish.time = facts_.last_time;
    wish.left_out = &seen_;
    const auto found = recommender.for_users(users_, wish, 0);
    for (std::size_t i = 0; i < users_.size(); ++i) {
      const auto list = serve::make_list(models_.set.catalogue(), lists[i].user,
                                         recommender.basis(users_[i]), found[i], std::nullopt);
      std::vector<std::string> lines;
      for (const serve::ListedItem& item : list.items)
        lines.push_back(fmt::format("{}: {:.2f}", item.title, item.value));
      lists[i].lists.push_back(std::move(lines));
    }
  }

  SetModels& models_;
  const math::ThreadTeam& team_;
  Log& log_;
  Part part_;
  serve::TrainingFacts facts_;
  serve::EvaluatedRows rows_;
  serve::SeenItems seen_;
  std::vector<std::uint32_t> users_;
};

}  // namespace

ModelAnswers ask_models(const std::vector<ShownModel>& models, const std::string& set,
                        const math::ThreadTeam& team, Log& log) {
  ModelAnswers answers;
  auto groups = open_sets(models, set, answers.left_out, log);
  for (SetModels& group : groups) answers.sets.push_back(SetInquiry(group, team, log).answers());
  return answers;
}

}  // namespace nnrec::app
