#include "recommend_options.hpp"

#include "app/options/model_options.hpp"

namespace nnrec::app {
namespace {

const OptionTable<RecommendOptions>& option_table() {
  using O = RecommendOptions;
  static const OptionTable<RecommendOptions> kTable{
      run_option(&O::run),
      data_option(&O::data),
      variant_option(&O::variant),
      {"user", &O::users, "for whom, by the id of the source; to be repeated"},
      {"all-users", &O::all_users, "for every user of the set with a rating"},
      {"similar-to", &O::similar_to,
       "items like this one instead, by its id or whole title: by the cosine of what the model has "
       "learnt for their titles"},
      {"top", &O::top, in_range(1, 1'000'000), "items a list; fewer where fewer exist"},
      {"exclude-seen", &O::exclude_seen,
       "leave out what the user has rated in any part of the set"},
      {"where", &O::where, "genre=NAME: items of that genre only; repeated: of all of these"},
      {"at", &O::at, any_value(),
       "time that is predicted for, Unix seconds; default: that of the last training rating"},
      {"clip", &O::clip,
       "print ratings moved into the scale that the set declares; the order is that of the "
       "ratings as they are"},
      {"format", &O::format, one_of({"text", "csv", "json"}), "text, csv or json"},
      output_option(&O::output),
      threads_option(&O::threads),
  };
  return kTable;
}

}  // namespace

std::optional<RecommendOptions> parse_recommend_options(const std::vector<std::string>& arguments,
                                                        Log& help) {
  CommandLine line(
      "nnrec_recommend",
      "nnrec_recommend RUN --user ID... | --all-users | --similar-to ITEM\n\n"
      "Lists the items of the highest predicted ratings; equal ones by id. A user without a\n"
      "training rating gets those of the highest shrunk mean (sum + 10 x mean of all) /\n"
      "(ratings + 10), and is marked popular. An item without a training rating is rated by the\n"
      "user's mean.");
  RecommendOptions options;
  option_table().declare(line, options);
  line.positional("run");
  const auto given = line.parse(arguments, help);
  if (!given) return std::nullopt;
  Violations violations("nnrec_recommend");
  option_table().check(options, violations);
  const int asked = (options.users.empty() ? 0 : 1) + (options.all_users ? 1 : 0) +
                    (options.similar_to.empty() ? 0 : 1);
  violations.require(asked == 1,
                     "give one of --user, --all-users and --similar-to. Example: "
                     "nnrec_recommend RUN --user 196 --exclude-seen");
  if (!options.similar_to.empty()) {
    violations.refuse_given(*given, {"exclude-seen", "at", "clip"},
                            "goes with --user or --all-users, not with --similar-to");
  }
  violations.throw_if_any();
  return options;
}

}  // namespace nnrec::app
