#include "registry.hpp"

#include <array>

#include "nnrec/base/error.hpp"
#include "nnrec/base/nearest_name.hpp"

/// A line an optimiser: its file has an Entry of this name.
#define NNREC_OPTIMIZERS(LINE) \
  LINE(adagrad)                \
  LINE(sgd)                    \
  LINE(adam)                   \
  LINE(momentum)               \
  LINE(rowwise_adagrad)        \
  LINE(adamw)

namespace nnrec::nn {
namespace optimizers {

#define NNREC_DECLARE(name) extern const Entry name;
NNREC_OPTIMIZERS(NNREC_DECLARE)
#undef NNREC_DECLARE

}  // namespace optimizers

namespace {

struct Line {
  std::string_view name;
  const optimizers::Entry& entry;
};

#define NNREC_LINE(name) Line{#name, optimizers::name},
constexpr std::array kLines{NNREC_OPTIMIZERS(NNREC_LINE)};
#undef NNREC_LINE

}  // namespace

std::vector<std::string> optimizer_names() {
  std::vector<std::string> names;
  for (const Line& line : kLines) names.emplace_back(line.name);
  return names;
}

NamedOptimizer make_optimizer(std::string_view name, Settings settings) {
  for (const Line& line : kLines) {
    if (line.name != name) continue;
    std::shared_ptr<const Optimizer> optimizer = line.entry.make(settings);
    settings.finish();
    return {std::string(name), settings.text(), std::move(optimizer)};
  }
  throw UsageError("{}", not_one_of(name, optimizer_names()));
}

NamedOptimizer make_optimizer(std::string_view text) {
  const auto [name, settings] = split_choice(text);
  return make_optimizer(name, {std::string(name), settings});
}

std::string describe_optimizers() {
  std::string lines;
  for (const Line& line : kLines) {
    Settings settings{std::string(line.name), {}};
    line.entry.make(settings);
    lines += fmt::format("\n  {}{}{}: {}", line.name, settings.text().empty() ? "" : ":",
                         settings.text(), line.entry.summary);
  }
  return lines;
}

}  // namespace nnrec::nn
