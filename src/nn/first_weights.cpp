#include "nnrec/nn/first_weights.hpp"

#include "nnrec/base/error.hpp"
#include "nnrec/base/nearest_name.hpp"
#include "nnrec/base/settings.hpp"

namespace nnrec::nn {

FirstWeights::FirstWeights(std::uint64_t seed, std::string_view text) : seed_(seed) {
  const auto [name, words] = split_choice(text);
  is_normal_ = name == "normal";
  if (!is_normal_ && name != "uniform") {
    throw UsageError("{}", not_one_of(name, {"uniform", "normal"}));
  }
  Settings settings(std::string(name), words);
  constexpr NumberRange kSizes{0, 1e6};
  size_ =
      is_normal_ ? settings.number("scale", 0.5, kSizes) : settings.number("limit", 0.05, kSizes);
  settings.finish();
  text_ = fmt::format("{}:{}", name, settings.text());
}

}  // namespace nnrec::nn
