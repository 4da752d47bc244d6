#include "prep_options.hpp"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <limits>
#include <utility>

#include "nnrec/base/error.hpp"
#include "nnrec/base/numbers.hpp"
#include "nnrec/base/text.hpp"
#include "nnrec/import/times.hpp"
#include "nnrec/math/thread_team.hpp"

#include "app/options/choice.hpp"
#include "app/options/option_table.hpp"

namespace nnrec::app {
namespace {

// Unqualified: the formatter takes a line that begins with "import" for another language's.
using importing::RatingRules;
using importing::SourceOptions;

const Choice<prepare::SplitRule> kSplits{{"random", prepare::SplitRule::random},
                                         {"kfold", prepare::SplitRule::kfold},
                                         {"files", prepare::SplitRule::files},
                                         {"time", prepare::SplitRule::time},
                                         {"per-user", prepare::SplitRule::per_user},
                                         {"leave-one-out", prepare::SplitRule::leave_one_out}};
const Choice<importing::HeaderRule> kHeaders{{"auto", importing::HeaderRule::automatic},
                                             {"yes", importing::HeaderRule::yes},
                                             {"no", importing::HeaderRule::no}};
const Choice<importing::Encoding> kEncodings{{"auto", importing::Encoding::automatic},
                                             {"utf-8", importing::Encoding::utf8},
                                             {"latin-1", importing::Encoding::latin1}};
const Choice<importing::OutOfRange> kOutOfRange{{"error", importing::OutOfRange::error},
                                                {"drop", importing::OutOfRange::drop},
                                                {"clip", importing::OutOfRange::clip}};
const Choice<importing::Duplicates> kDuplicates{{"last-time", importing::Duplicates::last_time},
                                                {"first", importing::Duplicates::first},
                                                {"last", importing::Duplicates::last},
                                                {"mean", importing::Duplicates::mean},
                                                {"error", importing::Duplicates::error}};
const Choice<importing::OnBadLine> kOnBadLine{{"stop", importing::OnBadLine::stop},
                                              {"skip", importing::OnBadLine::skip}};

std::optional<shards::RatingScale> parse_scale(const std::string& text) {
  if (text.empty()) return std::nullopt;
  const auto colon = std::min(text.find(':'), text.size());
  const auto low = parse_number<double>(std::string_view(text).substr(0, colon));
  const auto high =
      parse_number<double>(std::string_view(text).substr(std::min(colon + 1, text.size())));
  if (!low || !high || !std::isfinite(*low) || !std::isfinite(*high) || !(*low < *high))
    throw UsageError("{} is not lo:hi, two numbers with lo < hi", text);
  return shards::RatingScale{*low, *high};
}

/// "0.1%" or "0.001".
double parse_share(const std::string& text) {
  const bool percent = text.ends_with('%');
  const auto value =
      parse_number<double>(std::string_view(text).substr(0, text.size() - (percent ? 1 : 0)));
  const auto share = value.value_or(-1) / (percent ? 100 : 1);
  if (!(share >= 0 && share <= 1)) throw UsageError("{} is not a share like 0.1% or 0.001", text);
  return share;
}

void check_time_format(const std::string& text) {
  if (!text.empty()) importing::TimePattern{text};
}

std::string parse_separator(const std::string& text) {
  if (text == "tab" || text == "\\t") return "\t";
  return text;
}

/// "-1,99"; of "none", a value that no rating has.
std::vector<float> parse_values(const std::string& text) {
  std::vector<float> values;
  if (text == "none") return {std::numeric_limits<float>::quiet_NaN()};
  for (std::string_view rest = text; !rest.empty();) {
    const auto end = std::min(rest.find(','), rest.size());
    const auto value = parse_number<float>(rest.substr(0, end));
    if (!value || !std::isfinite(*value))
      throw UsageError("{} is not a number, or several with commas between", text);
    values.push_back(*value);
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return values;
}

/// Lists separated by commas, except where a file in `folder` has just that name.
std::vector<std::string> split_lists(const std::vector<std::string>& lists,
                                     const std::filesystem::path& folder) {
  std::vector<std::string> names;
  std::error_code status;  // A long list is no name at all.
  for (const auto& list : lists) {
    if (std::filesystem::exists(folder / list, status)) {
      names.push_back(list);
      continue;
    }
    for (const std::string_view name : split(list, ',')) {
      if (!name.empty()) names.emplace_back(name);
    }
  }
  return names;
}

/// Of the one input that a split of files has.
std::filesystem::path input_folder(const PrepOptions& options) {
  return options.inputs.empty() ? "" : options.inputs.front();
}

bool share_a_file(const std::vector<std::string>& files, const std::vector<std::string>& others) {
  const auto normal = [](const std::string& file) {
    return std::filesystem::path(file).lexically_normal();
  };
  return std::any_of(files.begin(), files.end(), [&](const std::string& file) {
    return std::any_of(others.begin(), others.end(),
                       [&](const std::string& other) { return normal(file) == normal(other); });
  });
}

void check_validation(const std::string& name, double value, Violations& violations) {
  // Whole numbers up to here are exact in a double.
  constexpr double kMostRows = 1LL << 53;
  const bool is_right =
      value >= 0 && value <= kMostRows && (value < 1 || value == std::floor(value));
  violations.require(
      is_right, fmt::format("--{} {} is neither a fraction in [0, 1) nor a whole number from 1 on",
                            name, value));
}

std::vector<std::string> format_words() {
  std::vector<std::string> words = importing::format_names();
  words.insert(words.begin(), "auto");
  return words;
}

std::string help_on_formats() {
  std::string text = "auto, or one of:";
  for (const auto* format : importing::formats())
    text += fmt::format(" {} ({}),", format->name(), format->about());
  text.pop_back();
  return text;
}

/// An option that a split does not look at would only seem to do something.
void check_split_companions(const PrepOptions& options, Violations& violations) {
  const auto& split = options.split;
  const auto is_given = [&options](const char* option) { return options.given.contains(option); };
  const bool kfold = split == "kfold";
  const bool time = split == "time";
  const bool per_user = split == "per-user";
  const bool random = split == "random";
  for (const char* option : {"fold", "folds"}) {
    violations.require(kfold || !is_given(option),
                       fmt::format("--{} goes with --split kfold", option));
  }
  const bool fraction = is_given("test-fraction");
  violations.require(random || time || per_user || !fraction,
                     "--test-fraction goes with --split random, time or per-user");
  violations.require(time || !options.test_from, "--test-from goes with --split time");
  violations.require(per_user || !options.test_last, "--test-last goes with --split per-user");
  violations.require(!fraction || !options.test_from,
                     "--test-from and --test-fraction are two answers: give one");
  violations.require(!fraction || !options.test_last,
                     "--test-last and --test-fraction are two answers: give one");
  const bool shuffles = random || kfold || (split == "files" && options.validation > 0);
  violations.require(shuffles || !is_given("seed"),
                     "--seed goes with --split random or kfold, or with files and --validation");
  violations.require(
      split != "leave-one-out" || options.validation == 0 || options.validation == 1,
      fmt::format("--validation {} is not 1: leave-one-out leaves out one of each user",
                  options.validation));
}

void check_companions(const PrepOptions& options, Violations& violations) {
  if (options.on_bad_line != "skip")
    violations.refuse_given(options.given, {"reject-file", "max-bad"},
                            "goes with --on-bad-line skip");
  const bool files = options.split == "files";
  violations.require(files || (options.train.empty() && options.test.empty()),
                     "--train and --test go with --split files");
  violations.require(!files || (!options.train.empty() && !options.test.empty()),
                     "--split files needs --train and --test");
  violations.require(!files || options.inputs.size() <= 1,
                     "--split files takes all files from one --input");
  violations.require(!files || !share_a_file(split_lists(options.train, input_folder(options)),
                                             split_lists(options.test, input_folder(options))),
                     "--train and --test name the same file");
  check_split_companions(options, violations);
}

prepare::SplitOptions resolve_split(const PrepOptions& options) {
  prepare::SplitOptions split;
  split.rule = meaning_of(options.split, kSplits);
  split.test_fraction = options.test_fraction;
  split.seed = static_cast<std::uint64_t>(options.seed);
  split.folds = static_cast<std::uint64_t>(options.folds);
  split.fold = static_cast<std::uint64_t>(options.fold);
  split.test_from = options.test_from;
  if (options.test_last) split.test_last = static_cast<std::uint64_t>(*options.test_last);
  split.train_files = split_lists(options.train, input_folder(options));
  split.test_files = split_lists(options.test, input_folder(options));
  split.validation = options.validation;
  return split;
}

RatingRules resolve_rules(const PrepOptions& options) {
  RatingRules rules;
  rules.scale = parse_scale(options.scale);
  rules.out_of_range = meaning_of(options.out_of_range, kOutOfRange);
  rules.not_rated = parse_values(options.missing);
  rules.duplicates = meaning_of(options.duplicates, kDuplicates);
  rules.on_bad_line = meaning_of(options.on_bad_line, kOnBadLine);
  rules.max_bad = parse_share(options.max_bad);
  if (rules.on_bad_line == importing::OnBadLine::skip) {
    auto output = options.output;
    while (output.size() > 1 && output.ends_with('/')) output.pop_back();
    rules.reject_file =
        options.reject_file.empty() ? output + ".rejected.txt" : options.reject_file;
  }
  rules.encoding = meaning_of(options.encoding, kEncodings);
  rules.integer_ids = options.integer_ids;
  rules.allow_mismatch = options.allow_mismatch;
  rules.strict = options.strict;
  return rules;
}

SourceOptions resolve_source(const PrepOptions& options) {
  SourceOptions source;
  for (const auto& input : split_lists(options.inputs, {})) source.inputs.emplace_back(input);
  source.format = options.format;
  if (options.split == "files") {
    for (const auto* list : {&options.train, &options.test}) {
      const auto names = split_lists(*list, input_folder(options));
      source.rating_files.insert(source.rating_files.end(), names.begin(), names.end());
    }
  }
  source.layout.separator = parse_separator(options.separator);
  source.layout.columns = options.columns;
  source.layout.decimal = options.decimal;
  source.layout.time_format = options.time_format;
  source.layout.header = meaning_of(options.header, kHeaders);
  source.layout.not_rated = parse_values(options.missing);
  source.layout.ratings_are_checked = !options.scale.empty();
  source.layout.now = importing::unix_now();
  source.encoding = meaning_of(options.encoding, kEncodings);
  return source;
}

const OptionTable<PrepOptions>& option_table() {
  using O = PrepOptions;
  static const OptionTable<PrepOptions> kTable{
      {"input", &O::inputs,
       "folder, archive (zip, tar, gz, zst), pipe (-) or file of ratings; several files, by "
       "repeating or a comma list, are one data set"},
      {"format", &O::format, one_of(format_words()), help_on_formats()},
      {"columns", &O::columns,
       "user=..,item=..,rating=..[,time=..] by header name or position from 1"},
      {"separator", &O::separator, "between fields: , ; :: | tab ... (else looked for)"},
      {"time-format", &O::time_format, read_by(check_time_format),
       "how times are written, as in %d/%m/%Y %H:%M (else seconds, milliseconds or ISO 8601)"},
      {"decimal", &O::decimal, one_of({".", ","}), "point or comma in ratings: . or ,"},
      {"header", &O::header, word_of(kHeaders), "auto, yes or no: is the first line one of names"},
      {"encoding", &O::encoding, word_of(kEncodings),
       "auto (UTF-8, else Latin-1), utf-8 or latin-1"},
      {"output", &O::output, not_empty("a folder"),
       "folder of the shard set; an older set there is replaced"},
      {"describe", &O::describe, "print what an existing shard set holds"},
      {"scale", &O::scale, read_by(parse_scale),
       "lo:hi, the ratings allowed (else the format's scale)"},
      {"out-of-range", &O::out_of_range, word_of(kOutOfRange),
       "error, drop or clip ratings outside the scale"},
      {"missing", &O::missing, read_by(parse_values),
       "values that stand for no rating, as in 0 or -1,99: left out (none: no value; else the "
       "format's)"},
      {"duplicates", &O::duplicates, word_of(kDuplicates),
       "of a repeated (user, item) keep: last-time, first, last, mean; or error"},
      {"on-bad-line", &O::on_bad_line, word_of(kOnBadLine),
       "stop, or skip: bad lines go to --reject-file"},
      {"max-bad", &O::max_bad, read_by(parse_share), "skip: more bad lines than this are an error"},
      {"reject-file", &O::reject_file,
       "skip: where bad lines go, default OUTPUT.rejected.txt; it replaces only an older such "
       "file"},
      {"integer-ids", &O::integer_ids,
       "ids are integers: 7 and 007 are one; other text is a bad line"},
      {"allow-mismatch", &O::allow_mismatch,
       "go on when under 90 % of the rated items are in the catalogue"},
      {"strict", &O::strict, "every repair is an error"},
      {"split", &O::split, word_of(kSplits),
       "random, kfold, files, time, per-user or leave-one-out"},
      {"test-fraction", &O::test_fraction, part_of_all(),
       "random, time, per-user: the test part, in [0, 1)"},
      {"seed", &O::seed, at_least(0), "random, kfold: the shuffle (files: of the validation part)"},
      {"folds", &O::folds, at_least(2), "kfold: number of folds"},
      {"fold", &O::fold, at_least(1), "kfold: the fold to test on, from 1"},
      {"test-from", &O::test_from, "time: test on this instant (Unix seconds) and later"},
      {"test-last", &O::test_last, at_least(1), "per-user: test on the last so many of each user"},
      {"train", &O::train, "files: the files to train on, within --input; a list as there"},
      {"test", &O::test, "files: the files to test on, within --input; a list as there"},
      {"validation", &O::validation, check_validation,
       "cut from the train part by the same rule: a fraction, or from 1 on a whole number (time: "
       "an instant; leave-one-out: 1)"},
      {"shard-rows", &O::shard_rows, at_least(1), "ratings a shard at most"},
      {"threads", &O::threads, in_range(0, math::kMostThreads),
       "0: all cores; the shards do not depend on it"},
  };
  return kTable;
}

/// A set is described as it is.
void refuse_besides_describe(std::set<std::string> given) {
  given.erase("describe");
  if (given.empty()) return;
  throw UsageError("--describe prints what a set holds, and prepares none: leave --{} out",
                   fmt::join(given, ", --"));
}

}  // namespace

std::optional<PrepOptions> parse_prep_options(const std::vector<std::string>& arguments, Log& log) {
  PrepOptions options;
  CommandLine line(
      "nnrec_prep",
      "Usage: nnrec_prep --input DIR|FILE|ARCHIVE [--output DIR] [options]\n"
      "       nnrec_prep --describe DIR\n"
      "Reads ratings and writes them as HDF5 shards for training (data/FORMAT.md).\n"
      "Ids are numbered in order of first appearance. Every repair is counted and printed.");
  option_table().declare(line, options);
  const auto given = line.parse(arguments, log);
  if (!given) return std::nullopt;
  options.given = *given;
  if (!options.describe.empty()) refuse_besides_describe(options.given);
  return options;
}

prepare::PrepareOptions PrepOptions::resolve() const {
  Violations violations("nnrec_prep");
  violations.require(!inputs.empty(), "--input is missing");
  option_table().check(*this, violations);
  violations.require(fold <= folds, fmt::format("--fold {} is not in 1..{}", fold, folds));
  check_companions(*this, violations);
  violations.throw_if_any();
  prepare::PrepareOptions result;
  result.source = resolve_source(*this);
  result.rules = resolve_rules(*this);
  result.split = resolve_split(*this);
  result.shards.folder = output;
  result.shards.shard_rows = static_cast<std::uint64_t>(shard_rows);
  result.shards.threads = threads;
  return result;
}

}  // namespace nnrec::app
