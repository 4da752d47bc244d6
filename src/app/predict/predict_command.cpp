#include "nnrec/app/predict_command.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>
#include <memory>

#include "nnrec/base/error.hpp"
#include "nnrec/base/stopwatch.hpp"
#include "nnrec/base/wording.hpp"
#include "nnrec/import/times.hpp"
#include "nnrec/io/input_tree.hpp"
#include "nnrec/io/text_blocks.hpp"
#include "nnrec/io/text_output.hpp"
#include "nnrec/run/kept_files.hpp"
#include "nnrec/run/open_model.hpp"
#include "nnrec/serve/answers.hpp"
#include "nnrec/serve/id_index.hpp"

#include "app/options/model_options.hpp"
#include "pair_lines.hpp"

namespace nnrec::app {
namespace {

struct PredictOptions {
  std::string run;
  std::string data;
  std::string variant;
  std::string pairs = "-";
  std::string output = "-";
  std::optional<std::int64_t> at;
  bool clip = false;
  bool strict = false;
  int threads = 0;
};

const OptionTable<PredictOptions>& option_table() {
  using O = PredictOptions;
  static const OptionTable<PredictOptions> kTable{
      run_option(&O::run),
      data_option(&O::data),
      variant_option(&O::variant),
      {"pairs", &O::pairs, not_empty("a file or -"),
       "lines of user, item and perhaps a time (Unix seconds), ids as the source of the data "
       "writes them, with tabs, ::, commas, semicolons or blanks between, packed or not; a header "
       "says which field is what; without one a third must look like a time, from 1990 to now; -: "
       "the standard input"},
      output_option(&O::output),
      {"at", &O::at, any_value(),
       "time of pairs without one, Unix seconds; default: that of the last training rating"},
      {"clip", &O::clip, "move ratings to the nearer end of the scale that the set declares"},
      {"strict", &O::strict, "stop at the first user or item that training did not see"},
      threads_option(&O::threads),
  };
  return kTable;
}

std::optional<PredictOptions> parse_options(const std::vector<std::string>& arguments, Log& help) {
  CommandLine line(
      "nnrec_predict",
      "nnrec_predict RUN --pairs FILE\n\n"
      "Predicts a rating for each line with a user and an item. A line of the output has user,\n"
      "item, rating and what training knew of them: warm (the model answers), cold_user,\n"
      "cold_item or cold_both. A cold pair gets the user's mean plus the item's less that of all\n"
      "training ratings, where the mean of who has no training rating is that of all. With the\n"
      "samples of --keep-samples the rating is their mean, and a fifth field its deviation.");
  PredictOptions options;
  option_table().declare(line, options);
  line.positional("run");
  if (!line.parse(arguments, help)) return std::nullopt;
  Violations violations("nnrec_predict");
  option_table().check(options, violations);
  violations.throw_if_any();
  return options;
}

struct Counts {
  std::array<std::uint64_t, serve::kExposures> of{};
  bool begin_unknown = false;  ///< nothing of the first line is known, and it is no header

  std::uint64_t all() const { return of[0] + of[1] + of[2] + of[3]; }
};

/// Some lines and what they are answered with.
struct Piece {
  std::string text;
  std::uint64_t first_line = 0;  ///< from 1
  std::string answers;
  std::array<std::uint64_t, serve::kExposures> counts{};
  bool begins_unknown = false;  ///< nothing of the first line is known
};

/// Answers pieces of lines, one piece a thread at a time.
class LineAnswers {
 public:
  LineAnswers(const PredictOptions& options, const serve::Model& model,
              const serve::TrainingFacts& facts, const math::ThreadTeam& team)
      : options_(options),
        model_(model),
        facts_(facts),
        team_(team),
        users_(model.set.catalogue().user_ids),
        items_(model.set.catalogue().item_ids) {
    for (int thread = 0; thread < team.size(); ++thread)
      threads_.push_back(std::make_unique<Thread>(model, facts));
  }

  /// All lines of `blocks`, in their order, as they come. Returns how many there were of each
  /// exposure.
  Counts answer(io::TextBlocks& blocks, const std::string& label, io::TextOutput& output);

 private:
  struct Thread {
    Thread(const serve::Model& model, const serve::TrainingFacts& facts) : answers(model, facts) {}
    serve::Answers answers;
    std::vector<PairLine> lines;
    std::vector<serve::Pair> pairs;
    std::vector<float> ratings;
    std::vector<serve::Exposure> exposures;
    std::vector<float> deviations;  ///< where the model has samples
  };

  std::uint64_t begin(std::string& text);
  void answer(Piece& piece, Thread& thread) const;
  void read(Piece& piece, Thread& thread) const;
  void require_seconds(std::int64_t time, std::uint64_t line) const;
  void require_warm(const Piece& piece, const Thread& thread) const;
  void write(Piece& piece, const Thread& thread) const;

  const PredictOptions& options_;
  const serve::Model& model_;
  const serve::TrainingFacts& facts_;
  const math::ThreadTeam& team_;
  const bool reads_times_ = features::reads_times(model_.network.columns());
  serve::IdIndex users_;
  serve::IdIndex items_;
  std::vector<std::unique_ptr<Thread>> threads_;
  std::string label_;
  std::optional<PairLines> form_;
};

void LineAnswers::read(Piece& piece, Thread& thread) const {
  thread.lines.clear();
  thread.pairs.clear();
  std::string_view text = piece.text;
  std::uint64_t number = piece.first_line;
  for (std::string_view line; io::take_line(text, line); ++number) {
    thread.lines.push_back(form_->parse(line, number));
    const PairLine& pair = thread.lines.back();
    if (pair.time && reads_times_) require_seconds(*pair.time, number);
    thread.pairs.push_back({users_.find(pair.user), items_.find(pair.item),
                            pair.time.value_or(options_.at.value_or(facts_.last_time))});
  }
}

void LineAnswers::require_seconds(std::int64_t time, std::uint64_t line) const {
  const std::string refusal = serve::refusal_of_time(time, facts_);
  if (!refusal.empty()) throw InputError("{}:{}: {}", label_, line, refusal);
}

void LineAnswers::require_warm(const Piece& piece, const Thread& thread) const {
  const auto cold =
      std::ranges::find_if(thread.exposures, [](auto e) { return e != serve::Exposure::warm; });
  if (cold == thread.exposures.end()) return;
  const auto index = static_cast<std::size_t>(cold - thread.exposures.begin());
  throw InputError(
      "{}:{}: user {}, item {}: {}: training did not see what is cold; leave --strict out to have "
      "such pairs answered by means",
      label_, piece.first_line + index, thread.lines[index].user, thread.lines[index].item,
      serve::exposure_name(*cold));
}

void LineAnswers::write(Piece& piece, const Thread& thread) const {
  const std::string& separator = form_->separator();
  fmt::memory_buffer text;
  for (std::size_t i = 0; i < thread.lines.size(); ++i) {
    const float rating =
        options_.clip ? clipped(thread.ratings[i], model_.set.manifest()) : thread.ratings[i];
    const auto put = [&](std::string_view part) { text.append(part); };
    put(thread.lines[i].user);
    put(separator);
    put(thread.lines[i].item);
    put(separator);
    fmt::format_to(std::back_inserter(text), "{}", rating);
    put(separator);
    put(serve::exposure_name(thread.exposures[i]));
    if (!thread.deviations.empty()) {
      put(separator);
      const float deviation = thread.deviations[i];
      put(std::isnan(deviation) ? "-" : fmt::format("{}", deviation));
    }
    put("\n");
    ++piece.counts[static_cast<std::size_t>(thread.exposures[i])];
  }
  piece.begins_unknown =
      !thread.exposures.empty() && thread.exposures.front() == serve::Exposure::cold_both;
  piece.answers.assign(text.data(), text.size());
}

void LineAnswers::answer(Piece& piece, Thread& thread) const {
  read(piece, thread);
  thread.ratings.resize(thread.pairs.size());
  thread.exposures.resize(thread.pairs.size());
  thread.deviations.resize(model_.samples.empty() ? 0 : thread.pairs.size());
  thread.answers.answer(thread.pairs, thread.ratings, thread.exposures, thread.deviations);
  if (options_.strict) require_warm(piece, thread);
  write(piece, thread);
}

/// Every line counts, a last one without an end too.
std::uint64_t count_lines(const std::string& text) {
  const auto ends = static_cast<std::uint64_t>(std::ranges::count(text, '\n'));
  return ends + (text.empty() || text.back() == '\n' ? 0 : 1);
}

/// Learns from the first line how lines are cut. Takes a header off; returns its lines.
std::uint64_t LineAnswers::begin(std::string& text) {
  std::string_view rest = text;
  std::string_view first;
  io::take_line(rest, first);
  form_.emplace(label_, first, importing::unix_now());
  if (!form_->has_header()) return 0;
  text.erase(0, text.size() - rest.size());
  return 1;
}

Counts LineAnswers::answer(io::TextBlocks& blocks, const std::string& label,
                           io::TextOutput& output) {
  label_ = label;
  Counts counts{};
  std::uint64_t line = 1;
  std::vector<Piece> pieces(team_.slots());
  for (bool more = true; more;) {
    std::size_t filled = 0;
    for (; filled < pieces.size() && (filled == 0 || !blocks.would_wait()); ++filled) {
      more = blocks.next(pieces[filled].text);
      if (!more) break;
      Piece& piece = pieces[filled];
      if (!form_) line += begin(piece.text);
      piece.first_line = line;
      piece.counts = {};
      line += count_lines(piece.text);
    }
    team_.make_in_order(
        filled,
        [&](std::size_t piece, std::size_t, std::size_t thread) {
          answer(pieces[piece], *threads_[thread]);
        },
        [&](std::size_t piece, std::size_t) {
          output.write(pieces[piece].answers);
          if (counts.all() == 0) counts.begin_unknown = pieces[piece].begins_unknown;
          for (std::size_t i = 0; i < counts.of.size(); ++i)
            counts.of[i] += pieces[piece].counts[i];
        });
    if (blocks.would_wait()) output.flush();
  }
  return counts;
}

/// Of answers that are all means, what makes them so where it is not the people's choice.
void print_doubts(const Counts& counts, const shards::Catalogue& catalogue, Log& log) {
  const auto all_cold = [&](std::size_t cold) {
    return counts.of[cold] + counts.of[3] == counts.all();
  };
  const auto doubt = [&](const char* noun, const std::vector<std::string>& ids) {
    log.print(
        "warning: training knows no {} of the pairs; it writes {}s as {}: are the fields and "
        "ids those of the data?",
        noun, noun, ids.front());
  };
  if (all_cold(1)) doubt("user", catalogue.user_ids);
  if (all_cold(2)) doubt("item", catalogue.item_ids);
  if (counts.begin_unknown && counts.of[0] > 0) {
    log.print(
        "warning: nothing of the first line is known: if it is a header, name its fields user, "
        "item "
        "and time");
  }
}

void print_counts(const Counts& counts, double seconds, Log& log) {
  const auto all = counts.all();
  log.print("{} pairs in {:.3f} s, {:.2f} M a second", grouped(all), seconds,
            static_cast<double>(all) / std::max(seconds, 1e-9) / 1e6);
  const std::uint64_t cold = all - counts.of[0];
  if (cold == 0) return;
  log.print(
      "{} cold and answered by means: {} of users, {} of items, {} of both that training "
      "did not see",
      grouped(cold), grouped(counts.of[1]), grouped(counts.of[2]), grouped(counts.of[3]));
}

void require_not_read(const PredictOptions& options) {
  std::error_code ignored;
  const std::string pairs = options.pairs == "-" ? "/dev/stdin" : options.pairs;
  if (std::filesystem::is_regular_file(options.output, ignored) &&
      std::filesystem::equivalent(options.output, pairs, ignored))
    throw UsageError("--output {}: is what --pairs reads: give another place", options.output);
}

}  // namespace

void predict_command(const std::vector<std::string>& arguments, std::FILE* console, Log& log) {
  Log help(console);
  const auto options = parse_options(arguments, help);
  if (!options) return;
  run::require_not_kept("--output", options->output);
  require_not_read(*options);
  const math::ThreadTeam team(options->threads);
  auto source = run::find_model(options->run, options->variant, log);
  auto model = run::load_present_model(source, run::open_training_set(source, options->data), log);
  if (options->clip) require_scale(model.set.manifest());
  const auto facts = serve::read_training_facts(model.set, team);
  if (options->at) require_times(*options->at, facts, {&model});

  const io::InputTree input(options->pairs);
  const std::string file = input.given_file();
  if (file.empty()) throw UsageError("--pairs {} is not one file", options->pairs);
  const std::string label = input.label(file);
  // Who asks line by line gets each answer at once.
  io::TextBlocks blocks(input.open(file), label, {}, io::TextBlocks::Filling::prompt);
  io::TextOutput output(options->output, console);
  const Stopwatch watch;
  const Counts counts = LineAnswers(*options, model, facts, team).answer(blocks, label, output);
  output.close();
  print_counts(counts, watch.seconds(), log);
  if (counts.all() > 0) print_doubts(counts, model.set.catalogue(), log);
}

}  // namespace nnrec::app
