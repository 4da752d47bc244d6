#include "nnrec/app/prep_command.hpp"

#include "nnrec/base/stopwatch.hpp"

#include "prep_options.hpp"
#include "prep_report.hpp"

namespace nnrec::app {

void prep_command(const std::vector<std::string>& arguments, Log& log) {
  const auto options = parse_prep_options(arguments, log);
  if (!options) return;
  if (!options->describe.empty()) {
    describe_set(shards::ShardSet::open(options->describe), log);
    return;
  }
  const Stopwatch watch;
  const auto report = prepare::prepare(options->resolve());
  print_report(report, options->output, watch.seconds(), log);
}

}  // namespace nnrec::app
