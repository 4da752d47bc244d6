#include "nnrec/app/eval_command.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <memory>

#include "nnrec/base/error.hpp"
#include "nnrec/base/stopwatch.hpp"
#include "nnrec/base/wording.hpp"
#include "nnrec/io/text_output.hpp"
#include "nnrec/run/changes.hpp"
#include "nnrec/run/kept_files.hpp"
#include "nnrec/run/open_model.hpp"
#include "nnrec/serve/answers.hpp"
#include "nnrec/serve/error_tables.hpp"

#include "app/options/model_options.hpp"
#include "eval_options.hpp"
#include "ranking_tables.hpp"

namespace nnrec::app {
namespace {

using serve::Contender;
using serve::Table;
using shards::Part;

/// One trained model and what it is called in tables.
struct Candidate {
  std::string name;
  run::ModelSource source;
};

/// The run and the variant of each candidate, as the options name them.
std::vector<Candidate> find_candidates(const EvalOptions& options, Log& log) {
  const std::size_t comma = options.variant.find(',');
  const std::string first = options.variant.substr(0, comma);
  const std::string second = comma == std::string::npos ? first : options.variant.substr(comma + 1);
  std::vector<Candidate> found{{"", run::find_model(options.runs.front(), first, log)}};
  if (options.runs.size() == 2 || comma != std::string::npos)
    found.push_back({"", run::find_model(options.runs.back(), second, log)});
  for (Candidate& candidate : found) candidate.name = candidate.source.head.info.variant;
  if (found.size() == 1) return found;
  if (found[0].source.head.info.data_digest != found[1].source.head.info.data_digest) {
    throw InputError(
        "{} and {} were trained on different sets, so that what is new to one may be known to the "
        "other; compare models of one set",
        options.runs.front(), options.runs.back());
  }
  if (found[0].name == found[1].name) {
    found[0].name += " (1)";
    found[1].name += " (2)";
  }
  return found;
}

/// The set that is judged by, and the one that the models' tables have.
struct Sets {
  shards::ShardSet evaluated;
  shards::ShardSet trained;
  bool is_same() const { return evaluated.manifest().digest == trained.manifest().digest; }
};

Sets open_sets(const EvalOptions& options, const run::ModelSource& source) {
  if (options.data.empty()) {
    auto set = run::open_training_set(source, "");
    return {set, set};
  }
  auto set = shards::ShardSet::open(options.data);
  if (run::is_trained_on(source, set)) return {set, set};
  return {std::move(set), run::open_training_set(source, "")};
}

using Facts = std::vector<std::pair<std::string, std::string>>;

/// Judges, and gathers what is printed.
class Evaluation {
 public:
  Evaluation(const EvalOptions& options, Log& log)
      : options_(options),
        team_(options.threads),
        candidates_(find_candidates(options, log)),
        sets_(open_sets(options, candidates_.front().source)),
        facts_(serve::read_training_facts(sets_.trained, team_)),
        rows_(serve::read_evaluated(sets_.evaluated, options.evaluated_part(), sets_.trained,
                                    team_)) {
    if (rows_.ratings.empty()) {
      throw InputError(
          "{}: has no {} rows to judge by; prepare it with another split, or give "
          "another --part",
          sets_.evaluated.folder().string(), options.part);
    }
    for (Candidate& candidate : candidates_) {
      models_.push_back(std::make_unique<serve::Model>(
          run::load_present_model(candidate.source, shards::ShardSet(sets_.trained), log)));
    }
    if (options.at) require_times(*options.at, facts_, model_pointers());
    describe();
  }

  std::string text() {
    auto tables =
        serve::error_tables(rows_, facts_, contenders(), sets_.evaluated.manifest().scale(), team_);
    if (options_.ranking_users > 0) {
      for (Table& table : rankings()) tables.push_back(std::move(table));
    }
    if (options_.format == "json") return serve::report_json(lines_, tables);
    std::string text;
    for (const auto& [name, value] : lines_) text += fmt::format("{}: {}\n", name, value);
    for (const Table& table : tables) {
      if (!table.rows.empty()) text.append("\n").append(serve::table_text(table));
    }
    return text;
  }

 private:
  void describe();
  void describe_samples(std::size_t model, const std::vector<float>& deviations);
  void note_warm_starts();
  void note_overlap();
  std::vector<std::string> users_without_rows() const;
  std::vector<Contender> contenders() const;
  std::vector<Table> rankings();

  std::vector<std::string> names() const {
    std::vector<std::string> names;
    for (const Candidate& candidate : candidates_) names.push_back(candidate.name);
    return names;
  }

  std::vector<const serve::Model*> model_pointers() const {
    std::vector<const serve::Model*> models;
    for (const auto& model : models_) models.push_back(model.get());
    return models;
  }

  const EvalOptions& options_;
  math::ThreadTeam team_;
  std::vector<Candidate> candidates_;
  Sets sets_;
  serve::TrainingFacts facts_;
  serve::EvaluatedRows rows_;
  std::vector<std::unique_ptr<serve::Model>> models_;
  std::vector<std::vector<float>> predictions_;  ///< of each model, of rows_
  Facts lines_;
};

void Evaluation::describe() {
  for (std::size_t i = 0; i < models_.size(); ++i) {
    const run::ModelSource& source = candidates_[i].source;
    lines_.emplace_back(fmt::format("model {}", candidates_[i].name),
                        fmt::format("step {}, digest {}", source.head.progress.step,
                                    models_[i]->digest.substr(0, 16)));
    std::vector<float> deviations;
    const bool is_sampled = !models_[i]->samples.empty();
    predictions_.push_back(
        serve::predict_rows(*models_[i], facts_, rows_, team_, is_sampled ? &deviations : nullptr));
    if (is_sampled) describe_samples(i, deviations);
  }
  lines_.emplace_back("rows",
                      fmt::format("{} {} rows of {} users, each once; set of digest {}",
                                  rows_.ratings.size(), options_.part, rows_.user_indices.size(),
                                  sets_.evaluated.manifest().digest.substr(0, 16)));
  if (!sets_.is_same()) {
    const auto unknown = [&](auto member) {
      return static_cast<std::uint64_t>(std::ranges::count(rows_.pairs, serve::kUnknown, member));
    };
    lines_.emplace_back(
        "joined",
        fmt::format("not the set that was trained on: rows are joined by ids; the model does not "
                    "have the user of {} rows and the item of {}, which are answered by means",
                    unknown(&serve::Pair::user), unknown(&serve::Pair::item)));
  }
  note_warm_starts();
  note_overlap();
}

/// What a run began with, or was trained on before, has learnt from rows that the run's own set may
/// have for testing.
void Evaluation::note_warm_starts() {
  for (const Candidate& candidate : candidates_) {
    const std::string& changes = candidate.source.head.info.changes;
    const std::string& own = sets_.trained.manifest().digest;
    const auto former = run::other_digests(run::former_data_digests(changes), own);
    if (!former.empty()) {
      lines_.emplace_back(
          candidates_.size() == 1 ? "other data" : "other data " + candidate.name,
          fmt::format(
              "it was trained on data of digest {} before; rows of that may be among these, "
              "and are no test",
              fmt::join(std::set(former.begin(), former.end()), ", ")));
    }
    const auto began = run::warm_start_of(changes);
    if (!began) continue;
    std::vector<std::string> others = run::other_digests(began->former_digests, own);
    const std::string learnt = others.empty()
                                   ? ""
                                   : fmt::format(", which had learnt from data of digest {} before",
                                                 fmt::join(others, ", "));
    if (!own.starts_with(began->data_digest)) others.push_back(began->data_digest);
    lines_.emplace_back(
        candidates_.size() == 1 ? "warm start" : "warm start " + candidate.name,
        fmt::format("it began with a model of data digest {}{}; {}", began->data_digest, learnt,
                    others.empty() ? "that is the set that it was trained on itself"
                    : others.size() == 1
                        ? "rows of that set may be among these, and are no test"
                        : "rows of those sets may be among these, and are no test"));
  }
}

/// Whether ratings lie as far from the mean as its deviations say: of a normal distribution 68.3 %
/// within one, 95.4 % within two.
void Evaluation::describe_samples(std::size_t model, const std::vector<float>& deviations) {
  const std::vector<float>& means = predictions_[model];
  std::uint64_t rows = 0;
  double sum = 0;
  std::array<std::uint64_t, 2> within{};
  for (std::size_t row = 0; row < means.size(); ++row) {
    const auto deviation = static_cast<double>(deviations[row]);
    if (std::isnan(deviation)) continue;
    const double off =
        std::abs(static_cast<double>(means[row]) - static_cast<double>(rows_.ratings[row]));
    ++rows;
    sum += deviation;
    for (std::size_t k = 0; k < within.size(); ++k)
      within.at(k) += off <= static_cast<double>(k + 1) * deviation ? 1 : 0;
  }
  const auto share = [&](std::uint64_t count) {
    return 100.0 * static_cast<double>(count) / static_cast<double>(rows);
  };
  lines_.emplace_back(
      fmt::format("samples {}", candidates_[model].name),
      fmt::format("errors are of the mean of {} sampled model{}; deviation {:.4f} in the mean; "
                  "{:.1f} % of {} ratings lie within one, {:.1f} % within two",
                  models_[model]->samples.size(), plural(models_[model]->samples.size()),
                  sum / static_cast<double>(rows), share(within[0]), rows, share(within[1])));
}

/// Rows that are no test: training had their pair.
void Evaluation::note_overlap() {
  if (sets_.is_same() && options_.evaluated_part() == Part::train) {
    lines_.emplace_back("overlap", "these are the rows that the model was trained on: no test");
    return;
  }
  const serve::SeenItems trained(sets_.trained, {Part::train}, team_);
  const auto known = static_cast<std::uint64_t>(std::ranges::count_if(
      rows_.pairs, [&](const serve::Pair& pair) { return trained.has(pair.user, pair.item); }));
  if (known == 0) return;
  const auto found = counted(known, rows_.pairs.size(), "rows");
  if (!sets_.is_same() && !options_.allow_overlap) {
    throw InputError(
        "{}: of {} training had the same user and item: their errors would look smaller than those "
        "of new ratings; prepare a set without them, or give --allow-overlap",
        sets_.evaluated.folder().string(), found);
  }
  lines_.emplace_back("overlap",
                      "training had the same user and item of " + found + ": these are no test");
}

std::vector<Contender> Evaluation::contenders() const {
  std::vector<Contender> all;
  for (std::size_t i = 0; i < models_.size(); ++i)
    all.push_back({candidates_[i].name, predictions_[i]});
  std::vector<float> served = all.front().predictions;
  std::vector<Contender> means = serve::means_of(rows_, facts_);
  for (std::size_t row = 0; row < rows_.pairs.size(); ++row) {
    const serve::Pair& pair = rows_.pairs[row];
    if (!facts_.is_warm(pair.user, pair.item)) served[row] = means.front().predictions[row];
  }
  // As nnrec_predict answers: worth a line only where it differs.
  if (served != all.front().predictions)
    all.push_back({all.front().name + ", cold by means", std::move(served)});
  for (Contender& mean : means) all.push_back(std::move(mean));
  return all;
}

/// Ids of those who have rated something in another part.
std::vector<std::string> Evaluation::users_without_rows() const {
  std::vector<bool> has_rows(sets_.evaluated.manifest().rated_user_count);
  for (const std::uint32_t user : rows_.user_indices) has_rows[user] = true;
  std::vector<std::string> ids;
  for (std::size_t user = 0; user < has_rows.size(); ++user)
    if (!has_rows[user]) ids.push_back(sets_.evaluated.catalogue().user_ids[user]);
  return ids;
}

std::vector<Table> Evaluation::rankings() {
  const bool judges_test = options_.evaluated_part() == Part::test && sets_.is_same();
  const bool judges_train = options_.evaluated_part() == Part::train && sets_.is_same();
  const serve::SeenItems seen =
      judges_train  ? serve::SeenItems(sets_.trained, {}, team_)
      : judges_test ? serve::SeenItems(sets_.trained, {Part::train, Part::validation}, team_)
                    : serve::SeenItems(sets_.trained, {Part::train}, team_);
  const RankingRule rule{static_cast<std::size_t>(options_.top), options_.liked_from,
                         static_cast<std::size_t>(options_.ranking_users),
                         options_.at.value_or(facts_.last_time)};
  const RankedUsers ranked = choose_users(rows_, sets_.evaluated, seen, rule);
  const auto others = users_without_rows();
  std::string who = fmt::format("{} users", ranked.users.size());
  if (ranked.left_out > 0)
    who += fmt::format(", drawn of {}", ranked.left_out + ranked.users.size());
  if (!others.empty())
    who += fmt::format("; {} have no {} rows: {}", others.size(), options_.part, listed(others, 5));
  if (!ranked.without_relevant.empty())
    who += fmt::format("; {} have no relevant item that they had not seen: {}",
                       ranked.without_relevant.size(), listed(ranked.without_relevant, 5));
  if (ranked.unknown > 0) who += fmt::format("; {} are not in the model's set", ranked.unknown);
  if (ranked.seen > 0) who += fmt::format("; {} relevant rows were seen before", ranked.seen);
  lines_.emplace_back("ranked", who);
  if (ranked.users.empty()) return {};
  return ranking_tables(ranked, model_pointers(), names(), facts_, rule, team_);
}

}  // namespace

void eval_command(const std::vector<std::string>& arguments, std::FILE* console, Log& log) {
  Log help(console);
  const auto options = parse_eval_options(arguments, help);
  if (!options) return;
  run::require_not_kept("--output", options->output);
  const Stopwatch watch;
  io::TextOutput output(options->output, console);
  output.write(Evaluation(*options, log).text());
  output.close();
  log.print("judged in {:.2f} s", watch.seconds());
}

}  // namespace nnrec::app
