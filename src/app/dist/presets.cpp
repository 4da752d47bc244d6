#include "presets.hpp"

#include <array>

#include "nnrec/base/error.hpp"
#include "nnrec/base/nearest_name.hpp"

namespace nnrec::app {
namespace {

/// A variant's lines, in parts that follow each other: its own, and those it shares with others.
struct Tuned {
  std::string_view variant;
  std::array<std::string_view, 5> parts;
};

/// What every tuned variant has.
constexpr std::string_view kTuned = R"(batch = 1000
optimizer = adam:beta2=0.99
rate-schedule = cosine
biases = yes
)";
// Of those that read features beside user and title.
constexpr std::string_view kTunedPenalties = R"(dropout = 0.05,0.65
group = tables:row_penalty=6,count_penalty=0.08,rows=all
group = *_bias:row_penalty=10,rows=all
)";
constexpr std::string_view kTunedSessions = R"(group = page_bias:row_penalty=6,rows=all
group = visit_bias:row_penalty=20,rows=all
group = sitting_bias:row_penalty=30,rows=all
)";
constexpr std::string_view kTunedDense = R"(group = dense*.weight:count_penalty=0.0015
)";

constexpr std::array kTunedVariants{
    Tuned{"basic", {R"(epochs = 12
learning-rate = 0.008
embedding-dim = 64
first-weights = normal:scale=0.5
group = tables:row_penalty=5,count_penalty=0.05,rows=all
group = *_bias:row_penalty=3,rows=all
)"}},
    Tuned{"one_layer", {R"(epochs = 16
learning-rate = 0.013
embedding-dim = 64
first-weights = normal:scale=0.2
dot = yes
dropout = 0.25
group = tables:row_penalty=5,count_penalty=0.08,rows=all
group = *_bias:row_penalty=10,rows=all
group = dense*.weight:count_penalty=0.003
)"}},
    Tuned{"enriched",
          {R"(epochs = 18
learning-rate = 0.01
embedding-dim = 32
features = day,sessions,words
first-weights = normal:scale=0.8
dot = yes
)",
           kTunedPenalties, kTunedSessions, kTunedDense}},
    Tuned{"complex",
          {R"(epochs = 20
learning-rate = 0.01
embedding-dim = 32
features = age,gender,occupation,year,genres
first-weights = normal:scale=0.8
dot = yes
)",
           kTunedPenalties, kTunedDense}},
    Tuned{"deep_fm",
          {R"(epochs = 18
learning-rate = 0.008
embedding-dim = 32
features = day,sessions,age,gender,occupation,year,words,genres
first-weights = normal:scale=0.1
)",
           kTunedPenalties, kTunedSessions, kTunedDense}},
};

/// What every sampled variant has. Rates and penalties are of the warm-up alone.
constexpr std::string_view kSampled = R"(batch = 8000
optimizer = adam:beta2=0.99
biases = yes
checkpoint-every = 50epochs
)";
// Of those with dense layers.
constexpr std::string_view kSampledRate = R"(epochs = 500
learning-rate = 0.005
)";
constexpr std::string_view kSampledRows =
    R"(group = tables:row_penalty=5,count_penalty=0.05,rows=all
group = *_bias:row_penalty=4,rows=all
)";
constexpr std::string_view kSampledSessions =
    R"(group = tables:row_penalty=4,count_penalty=0.07,rows=all
group = *_bias:row_penalty=4,rows=all
group = page_bias:row_penalty=12,rows=all
group = visit_bias:row_penalty=12,rows=all
group = sitting_bias:row_penalty=15,rows=all
)";
constexpr std::string_view kSampledDense = R"(group = dense*.weight:count_penalty=0.003
)";
constexpr std::string_view kSampledSteps =
    R"(sampler = sgld:warm_up=50,burn_in=100,resample_from=60,dense_precision=10
)";

constexpr std::array kSampledVariants{
    Tuned{"basic", {R"(epochs = 500
learning-rate = 0.008
embedding-dim = 18
first-weights = normal:scale=0.45
group = tables:row_penalty=5,count_penalty=0.02,rows=all
group = *_bias:row_penalty=3,rows=all
sampler = sgld:step=0.18,warm_up=47,burn_in=150,resample_from=23
)"}},
    Tuned{"one_layer",
          {kSampledRate, R"(embedding-dim = 16
first-weights = normal:scale=0.5
dot = yes
)",
           kSampledRows, kSampledDense, kSampledSteps}},
    Tuned{
        "enriched",
        {kSampledRate, R"(embedding-dim = 12
features = day,sessions,words
first-weights = normal:scale=0.17
dot = yes
)",
         kSampledSessions, kSampledDense,
         R"(sampler = sgld:step=0.11,warm_up=57,burn_in=100,resample_from=60,dense_precision=9,dense_scale=8
)"}},
    Tuned{"complex",
          {kSampledRate, R"(embedding-dim = 12
features = age,gender,occupation,year,genres
first-weights = normal:scale=0.1
dot = yes
)",
           kSampledRows, kSampledDense, kSampledSteps}},
    Tuned{
        "deep_fm",
        {kSampledRate, R"(embedding-dim = 12
features = day,sessions,age,gender,occupation,year,words,genres
first-weights = normal:scale=0.1
)",
         kSampledSessions, kSampledDense, R"(sampler = sgld:warm_up=50,burn_in=100,resample_from=60
)"}},
};

}  // namespace

std::vector<std::string> preset_names() {
  return {"published", "tuned", "sampled"};
}

std::string describe_presets() {
  std::string names;
  for (const Tuned& tuned : kTunedVariants) {
    names += fmt::format("{}{}", names.empty() ? "" : ", ", tuned.variant);
  }
  return fmt::format(
      "options that hold where none are given: published (sizes, first weights and Adagrad as "
      "published), tuned (for a low error) or sampled (for the error of the mean of many models, "
      "see --sampler); these two for one variant a run, of {}; options.cfg spells them out",
      names);
}

std::string preset_lines(std::string_view preset, std::string_view variant) {
  if (preset != "tuned" && preset != "sampled") return "";
  const bool is_sampled = preset == "sampled";
  std::vector<std::string> names;
  for (const Tuned& tuned : is_sampled ? kSampledVariants : kTunedVariants) {
    if (tuned.variant == variant)
      return fmt::format("{}{}", is_sampled ? kSampled : kTuned, fmt::join(tuned.parts, ""));
    names.emplace_back(tuned.variant);
  }
  throw UsageError("--preset {} trains one variant a run: --variant {}", preset,
                   not_one_of(variant, names));
}

}  // namespace nnrec::app
