#include "presets.hpp"

#include <array>

#include "nnrec/base/error.hpp"
#include "nnrec/base/nearest_name.hpp"

namespace nnrec::app {
namespace {

/// What every tuned variant has.
constexpr std::string_view kTuned = R"(batch = 1000
optimizer = adam:beta2=0.99
rate-schedule = cosine
biases = yes
)";

struct Tuned {
  std::string_view variant;
  std::string_view lines;
};

constexpr std::array kTunedVariants{
    Tuned{"basic", R"(epochs = 12
learning-rate = 0.008
embedding-dim = 64
first-weights = normal:scale=0.5
group = tables:row_penalty=5,count_penalty=0.05,rows=all
group = *_bias:row_penalty=3,rows=all
)"},
    Tuned{"one_layer", R"(epochs = 16
learning-rate = 0.005
embedding-dim = 64
first-weights = normal:scale=0.1
dot = yes
dropout = 0.4
group = tables:row_penalty=5,count_penalty=0.05,rows=all
group = *_bias:row_penalty=4,rows=all
group = dense*.weight:count_penalty=0.003
)"},
    Tuned{"enriched", R"(epochs = 18
learning-rate = 0.005
embedding-dim = 32
features = day,sessions,words
first-weights = normal:scale=0.1
dot = yes
dropout = 0.2,0.5
group = tables:row_penalty=4,count_penalty=0.07,rows=all
group = *_bias:row_penalty=4,rows=all
group = page_bias:row_penalty=12,rows=all
group = visit_bias:row_penalty=12,rows=all
group = sitting_bias:row_penalty=15,rows=all
group = dense*.weight:count_penalty=0.003
)"},
    Tuned{"complex", R"(epochs = 20
learning-rate = 0.005
embedding-dim = 32
features = age,gender,occupation,year,genres
first-weights = normal:scale=0.5
dot = yes
dropout = 0.2,0.5
group = tables:row_penalty=3,count_penalty=0.05,rows=all
group = *_bias:row_penalty=4,rows=all
group = dense*.weight:count_penalty=0.003
)"},
    Tuned{"deep_fm", R"(epochs = 18
learning-rate = 0.005
embedding-dim = 32
first-weights = normal:scale=0.1
dropout = 0.2,0.5
group = tables:row_penalty=4,count_penalty=0.07,rows=all
group = *_bias:row_penalty=4,rows=all
group = page_bias:row_penalty=12,rows=all
group = visit_bias:row_penalty=12,rows=all
group = sitting_bias:row_penalty=15,rows=all
group = dense*.weight:count_penalty=0.003
)"},
};

}  // namespace

std::vector<std::string> preset_names() {
  return {"published", "tuned"};
}

std::string describe_presets() {
  std::string names;
  for (const Tuned& tuned : kTunedVariants) {
    names += fmt::format("{}{}", names.empty() ? "" : ", ", tuned.variant);
  }
  return fmt::format(
      "options that hold where none are given: published (sizes, first weights and Adagrad as "
      "published) or tuned (for a low error; one variant a run, of {}; options.cfg spells it out)",
      names);
}

std::string preset_lines(std::string_view preset, std::string_view variant) {
  if (preset != "tuned") return "";
  std::vector<std::string> names;
  for (const Tuned& tuned : kTunedVariants) {
    if (tuned.variant == variant) return fmt::format("{}{}", kTuned, tuned.lines);
    names.emplace_back(tuned.variant);
  }
  throw UsageError("--preset tuned trains one variant a run: --variant {}",
                   not_one_of(variant, names));
}

}  // namespace nnrec::app
