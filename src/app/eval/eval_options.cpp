#include "eval_options.hpp"

#include "app/options/choice.hpp"
#include "app/options/model_options.hpp"

namespace nnrec::app {
namespace {

const Choice<shards::Part> kPartNames{{"test", shards::Part::test},
                                      {"validation", shards::Part::validation},
                                      {"train", shards::Part::train}};

const OptionTable<EvalOptions>& option_table() {
  using O = EvalOptions;
  static const OptionTable<EvalOptions> kTable{
      {"run", &O::runs,
       "folder of a run (its checkpoint of the best validation RMSE, else the last), or a "
       "checkpoint; a second one is compared with the first"},
      {"data", &O::data,
       "folder of the prepared set to judge by; default: the one that the model was trained on. "
       "Rows of another set are joined by the ids of users and items"},
      {"variant", &O::variant,
       "which of the run's variants, where it has several; A,B compares two of one run"},
      {"part", &O::part, word_of(kPartNames), "of the set: test, validation or train"},
      {"top", &O::top, in_range(1, 1'000'000),
       "K: length of the lists that rankings are judged by"},
      {"liked-from", &O::liked_from, finite(),
       "rating from which a row counts as relevant to its user; default: every rated item does"},
      {"ranking-users", &O::ranking_users, at_least(0),
       "most users whose rankings are judged; of more, so many are drawn, the same each time; 0: "
       "no rankings"},
      {"at", &O::at, any_value(),
       "time that rankings are made for, Unix seconds; default: that of the last training rating"},
      {"allow-overlap", &O::allow_overlap,
       "judge by rows of another set even if training had some of their pairs"},
      {"format", &O::format, one_of({"text", "json"}), "text or json"},
      output_option(&O::output),
      threads_option(&O::threads),
  };
  return kTable;
}

}  // namespace

shards::Part EvalOptions::evaluated_part() const {
  return meaning_of(part, kPartNames);
}

std::optional<EvalOptions> parse_eval_options(const std::vector<std::string>& arguments,
                                              Log& help) {
  CommandLine line(
      "nnrec_eval",
      "nnrec_eval RUN [RUN]\n\n"
      "Judges trained models by rows that training did not see: RMSE and MAE over all rows and by\n"
      "user, clipped and not; by what training knew of user and item; rankings of the whole\n"
      "catalogue without what a user has seen. Beside them stand means and chance. Intervals are\n"
      "of 95 %, by 1,000 draws of users; those of differences are paired.");
  EvalOptions options;
  option_table().declare(line, options);
  line.positional("run");
  const auto given = line.parse(arguments, help);
  if (!given) return std::nullopt;
  Violations violations("nnrec_eval");
  option_table().check(options, violations);
  violations.require(
      options.runs.size() == 1 || options.runs.size() == 2,
      "give one run, or two to compare: nnrec_eval RUN, where nnrec_dist --run RUN has trained");
  if (options.ranking_users == 0)
    violations.refuse_given(*given, {"top", "liked-from", "at"},
                            "is of rankings, which --ranking-users 0 leaves out");
  if (options.data.empty())
    violations.refuse_given(*given, {"allow-overlap"}, "goes with --data, another set");
  violations.throw_if_any();
  return options;
}

}  // namespace nnrec::app
