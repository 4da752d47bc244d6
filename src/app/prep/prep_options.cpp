#include "prep_options.hpp"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <utility>

#include "nnrec/base/error.hpp"
#include "nnrec/base/numbers.hpp"
#include "nnrec/import/text.hpp"

#include "app/options/command_line.hpp"
#include "app/options/violations.hpp"

namespace nnrec::app {
namespace {
namespace po = boost::program_options;

/// An option's words and what they mean.
template <typename T>
using Choice = std::vector<std::pair<std::string, T>>;

const Choice<prepare::SplitRule> kSplits{{"random", prepare::SplitRule::random},
                                         {"kfold", prepare::SplitRule::kfold},
                                         {"files", prepare::SplitRule::files},
                                         {"time", prepare::SplitRule::time},
                                         {"per-user", prepare::SplitRule::per_user},
                                         {"leave-one-out", prepare::SplitRule::leave_one_out}};
const Choice<import::HeaderRule> kHeaders{{"auto", import::HeaderRule::automatic},
                                          {"yes", import::HeaderRule::yes},
                                          {"no", import::HeaderRule::no}};
const Choice<import::Encoding> kEncodings{{"auto", import::Encoding::automatic},
                                          {"utf-8", import::Encoding::utf8},
                                          {"latin-1", import::Encoding::latin1}};
const Choice<import::OutOfRange> kOutOfRange{{"error", import::OutOfRange::error},
                                             {"drop", import::OutOfRange::drop},
                                             {"clip", import::OutOfRange::clip}};
const Choice<import::Duplicates> kDuplicates{{"last-time", import::Duplicates::last_time},
                                             {"first", import::Duplicates::first},
                                             {"last", import::Duplicates::last},
                                             {"mean", import::Duplicates::mean},
                                             {"error", import::Duplicates::error}};
const Choice<import::OnBadLine> kOnBadLine{{"stop", import::OnBadLine::stop},
                                           {"skip", import::OnBadLine::skip}};

/// With the options whose value is one of a list of words.
class Checks : public Violations {
 public:
  using Violations::Violations;

  template <typename T>
  T choose(const char* option, const std::string& word, const Choice<T>& choice) {
    std::string words;
    for (const auto& [name, value] : choice) {
      if (name == word) return value;
      words += (words.empty() ? "" : ", ") + name;
    }
    require(false, fmt::format("--{} {} is not one of {}", option, word, words));
    return choice.front().second;
  }
};

std::optional<shards::RatingScale> parse_scale(const std::string& text, Checks& checks) {
  if (text.empty()) return std::nullopt;
  const auto colon = std::min(text.find(':'), text.size());
  const auto low = parse_number<double>(std::string_view(text).substr(0, colon));
  const auto high =
      parse_number<double>(std::string_view(text).substr(std::min(colon + 1, text.size())));
  const bool right = low && high && *low < *high;
  checks.require(right, fmt::format("--scale {} is not lo:hi with lo < hi", text));
  return right ? std::optional(shards::RatingScale{*low, *high}) : std::nullopt;
}

/// "0.1%" or "0.001".
double parse_share(const std::string& text, Checks& checks) {
  const bool percent = text.ends_with('%');
  const auto value =
      parse_number<double>(std::string_view(text).substr(0, text.size() - (percent ? 1 : 0)));
  const auto share = value.value_or(-1) / (percent ? 100 : 1);
  checks.require(share >= 0 && share <= 1,
                 fmt::format("--max-bad {} is not a share like 0.1% or 0.001", text));
  return share;
}

std::string parse_separator(const std::string& text) {
  if (text == "tab" || text == "\\t") return "\t";
  return text;
}

/// A list separated by commas, unless a file has just that name.
std::vector<std::filesystem::path> split_inputs(const std::vector<std::string>& inputs) {
  std::vector<std::filesystem::path> paths;
  std::error_code status;  // A long list is no name at all.
  for (const auto& input : inputs) {
    if (std::filesystem::exists(input, status)) {
      paths.emplace_back(input);
      continue;
    }
    for (std::size_t start = 0; start <= input.size();) {
      const auto end = std::min(input.find(',', start), input.size());
      if (end > start) paths.emplace_back(input.substr(start, end - start));
      start = end + 1;
    }
  }
  return paths;
}

void check_numbers(const PrepOptions& options, Checks& checks) {
  checks.require(options.test_fraction >= 0 && options.test_fraction < 1,
                 fmt::format("--test-fraction {} is not in [0, 1)", options.test_fraction));
  // Whole numbers up to here are exact in a double.
  constexpr double kMostRows = 1LL << 53;
  const auto validation = options.validation;
  checks.require(validation >= 0 && validation <= kMostRows &&
                     (validation < 1 || validation == std::floor(validation)),
                 fmt::format("--validation {} is neither a fraction in [0, 1) nor a whole number "
                             "from 1 on",
                             validation));
  checks.require(options.seed >= 0, fmt::format("--seed {} is negative", options.seed));
  checks.require(options.shard_rows >= 1,
                 fmt::format("--shard-rows {} is not at least 1", options.shard_rows));
  checks.require(options.threads >= 0 && options.threads <= kMostThreads,
                 fmt::format("--threads {} is not in 0..{}", options.threads, kMostThreads));
  checks.require(options.folds >= 2, fmt::format("--folds {} is not at least 2", options.folds));
  checks.require(options.fold >= 1 && options.fold <= options.folds,
                 fmt::format("--fold {} is not in 1..{}", options.fold, options.folds));
  checks.require(options.test_last.value_or(1) >= 1,
                 fmt::format("--test-last {} is not at least 1", options.test_last.value_or(1)));
}

/// An option that a split does not look at would only seem to do something.
void check_split_companions(const PrepOptions& options, Checks& checks) {
  const auto& split = options.split;
  const auto is_given = [&options](const char* option) {
    return std::find(options.given.begin(), options.given.end(), option) != options.given.end();
  };
  const bool kfold = split == "kfold";
  const bool time = split == "time";
  const bool per_user = split == "per-user";
  const bool random = split == "random";
  for (const char* option : {"fold", "folds"}) {
    checks.require(kfold || !is_given(option), fmt::format("--{} goes with --split kfold", option));
  }
  const bool fraction = is_given("test-fraction");
  checks.require(random || time || per_user || !fraction,
                 "--test-fraction goes with --split random, time or per-user");
  checks.require(time || !options.test_from, "--test-from goes with --split time");
  checks.require(per_user || !options.test_last, "--test-last goes with --split per-user");
  checks.require(!fraction || !options.test_from,
                 "--test-from and --test-fraction are two answers: give one");
  checks.require(!fraction || !options.test_last,
                 "--test-last and --test-fraction are two answers: give one");
  const bool shuffles = random || kfold || (split == "files" && options.validation > 0);
  checks.require(shuffles || !is_given("seed"),
                 "--seed goes with --split random or kfold, or with files and --validation");
  checks.require(split != "leave-one-out" || options.validation == 0 || options.validation == 1,
                 fmt::format("--validation {} is not 1: leave-one-out leaves out one of each user",
                             options.validation));
}

void check_companions(const PrepOptions& options, Checks& checks) {
  checks.require(options.reject_file.empty() || options.on_bad_line == "skip",
                 "--reject-file goes with --on-bad-line skip");
  const bool files = options.split == "files";
  checks.require(files || (options.train.empty() && options.test.empty()),
                 "--train and --test go with --split files");
  checks.require(!files || (!options.train.empty() && !options.test.empty()),
                 "--split files needs --train and --test");
  checks.require(!files || options.inputs.size() <= 1,
                 "--split files takes both files from one --input");
  const std::filesystem::path train(options.train);
  checks.require(
      !files || train.empty() ||
          train.lexically_normal() != std::filesystem::path(options.test).lexically_normal(),
      "--train and --test are the same file");
  check_split_companions(options, checks);
}

prepare::SplitOptions resolve_split(const PrepOptions& options, Checks& checks) {
  prepare::SplitOptions split;
  split.rule = checks.choose("split", options.split, kSplits);
  split.test_fraction = options.test_fraction;
  split.seed = static_cast<std::uint64_t>(options.seed);
  split.folds = static_cast<std::uint64_t>(options.folds);
  split.fold = static_cast<std::uint64_t>(options.fold);
  split.test_from = options.test_from;
  if (options.test_last) split.test_last = static_cast<std::uint64_t>(*options.test_last);
  split.train_file = options.train;
  split.test_file = options.test;
  split.validation = options.validation;
  return split;
}

import::RatingRules resolve_rules(const PrepOptions& options,
                                  Checks& checks){import::RatingRules rules;
rules.scale = parse_scale(options.scale, checks);
rules.out_of_range = checks.choose("out-of-range", options.out_of_range, kOutOfRange);
rules.duplicates = checks.choose("duplicates", options.duplicates, kDuplicates);
rules.on_bad_line = checks.choose("on-bad-line", options.on_bad_line, kOnBadLine);
rules.max_bad = parse_share(options.max_bad, checks);
if (rules.on_bad_line == import::OnBadLine::skip) {
  auto output = options.output;
  while (output.size() > 1 && output.ends_with('/')) output.pop_back();
  rules.reject_file = options.reject_file.empty() ? output + ".rejected.txt" : options.reject_file;
}
rules.encoding = checks.choose("encoding", options.encoding, kEncodings);
rules.integer_ids = options.integer_ids;
rules.allow_mismatch = options.allow_mismatch;
rules.strict = options.strict;
return rules;
}  // namespace

import::SourceOptions resolve_source(const PrepOptions& options,
                                     Checks& checks){import::SourceOptions source;
source.inputs = split_inputs(options.inputs);
source.format = options.format;
if (options.split == "files") source.rating_files = {options.train, options.test};
source.layout.separator = parse_separator(options.separator);
source.layout.columns = options.columns;
source.layout.decimal = options.decimal;
source.layout.header = checks.choose("header", options.header, kHeaders);
source.encoding = checks.choose("encoding", options.encoding, kEncodings);
if (options.format != "auto") {
  checks.require_no_throw([&] { import::find_format(options.format); });
}
checks.require(options.decimal == "." || options.decimal == ",",
               fmt::format("--decimal {} is not . or ,", options.decimal));
return source;
}  // namespace nnrec::app

using Adder = po::options_description_easy_init;

template <typename T>
po::typed_value<T>* with_default(T& value) {
  return po::value(&value)->default_value(value);
}

std::string help_on_formats() {
  std::string text = "auto, or one of:";
  for (const auto* format : import::formats()) {
    text += fmt::format(" {} ({}),", format->name(), format->about());
  }
  text.pop_back();
  return text;
}

void add_source_options(Adder&& add, PrepOptions& options) {
  add("input", po::value(&options.inputs),
      "folder, archive (zip, tar, gz, zst) or file of ratings; several files, by repeating or a "
      "comma list, are one data set")("format", with_default(options.format),
                                      help_on_formats().c_str())(
      "columns", po::value(&options.columns),
      "user=..,item=..,rating=..[,time=..] by header name or position from 1")(
      "separator", po::value(&options.separator),
      "between fields: , ; :: | tab ... (else looked for)")(
      "decimal", with_default(options.decimal), "point or comma in ratings: . or ,")(
      "header", with_default(options.header), "auto, yes or no: is the first line one of names")(
      "encoding", with_default(options.encoding), "auto (UTF-8, else Latin-1), utf-8 or latin-1");
}

void add_rule_options(Adder&& add, PrepOptions& options) {
  add("scale", po::value(&options.scale), "lo:hi, the ratings allowed (else the format's scale)")(
      "out-of-range", with_default(options.out_of_range),
      "error, drop or clip ratings outside the scale")(
      "duplicates", with_default(options.duplicates),
      "of a repeated (user, item) keep: last-time, first, last, mean; or error")(
      "on-bad-line", with_default(options.on_bad_line),
      "stop, or skip: bad lines go to --reject-file")(
      "max-bad", with_default(options.max_bad), "skip: more bad lines than this are an error")(
      "reject-file", po::value(&options.reject_file),
      "skip: where bad lines go, default OUTPUT.rejected.txt; it replaces only an older such file")(
      "integer-ids", po::bool_switch(&options.integer_ids),
      "ids are integers: 7 and 007 are one; other text is a bad line")(
      "allow-mismatch", po::bool_switch(&options.allow_mismatch),
      "go on when under 90 % of the rated items are in the catalogue")(
      "strict", po::bool_switch(&options.strict), "every repair is an error");
}

void add_split_options(Adder&& add, PrepOptions& options) {
  add("split", with_default(options.split),
      "random, kfold, files, time, per-user or leave-one-out")(
      "test-fraction", po::value(&options.test_fraction)->default_value(0.2, "0.2"),
      "random, time, per-user: the test part, in [0, 1)")("seed", with_default(options.seed),
                                                          "random, kfold: the shuffle (files: of "
                                                          "the validation part)")(
      "folds", with_default(options.folds), "kfold: number of folds")(
      "fold", with_default(options.fold), "kfold: the fold to test on, from 1")(
      "test-from", po::value<std::int64_t>(),
      "time: test on this instant (Unix seconds) and later")(
      "test-last", po::value<std::int64_t>(), "per-user: test on the last so many of each user")(
      "train", po::value(&options.train), "files: the ratings to train on, within --input")(
      "test", po::value(&options.test), "files: the ratings to test on, within --input")(
      "validation", po::value(&options.validation)->default_value(0, "0"),
      "cut from the train part by the same rule: a fraction, or from 1 on a whole number (time: "
      "an instant; leave-one-out: 1)");
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
  add_source_options(line.add(), options);
  line.add()("output", with_default(options.output),
             "folder of the shard set; an older set there is replaced")(
      "describe", po::value(&options.describe), "print what an existing shard set holds");
  add_rule_options(line.add(), options);
  add_split_options(line.add(), options);
  line.add()("shard-rows", with_default(options.shard_rows), "ratings a shard at most")(
      "threads", with_default(options.threads), "0: all cores; the shards do not depend on it");
  const auto values = line.parse(arguments, log);
  if (!values) return std::nullopt;
  for (const auto& [name, value] : *values) {
    if (!value.defaulted()) options.given.push_back(name);
  }
  if (values->count("test-from") > 0) options.test_from = (*values)["test-from"].as<std::int64_t>();
  if (values->count("test-last") > 0) options.test_last = (*values)["test-last"].as<std::int64_t>();
  return options;
}

prepare::PrepareOptions PrepOptions::resolve() const {
  Checks checks("nnrec_prep");
  checks.require(!inputs.empty(), "--input is missing");
  checks.require(!output.empty(), "--output is empty");
  check_numbers(*this, checks);
  check_companions(*this, checks);
  prepare::PrepareOptions result;
  result.source = resolve_source(*this, checks);
  result.rules = resolve_rules(*this, checks);
  result.split = resolve_split(*this, checks);
  result.shards.folder = output;
  result.shards.shard_rows = static_cast<std::uint64_t>(shard_rows);
  result.shards.threads = threads;
  checks.throw_if_any();
  return result;
}

}  // namespace nnrec::app
