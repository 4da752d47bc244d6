#include "nnrec/serve/answers.hpp"

#include <array>
#include <limits>

namespace nnrec::serve {

Exposure exposure_of(const TrainingFacts& facts, const Pair& pair) noexcept {
  const bool user = facts.users.has(pair.user);
  const bool item = facts.items.has(pair.item);
  if (user) return item ? Exposure::warm : Exposure::cold_item;
  return item ? Exposure::cold_user : Exposure::cold_both;
}

const char* exposure_name(Exposure exposure) noexcept {
  constexpr std::array<const char*, kExposures> kNames{"warm", "cold_user", "cold_item",
                                                       "cold_both"};
  return kNames[static_cast<std::size_t>(exposure)];
}

void Answers::answer(std::span<const Pair> pairs, std::span<float> ratings,
                     std::span<Exposure> exposures, std::span<float> deviations) {
  warm_.clear();
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    exposures[i] = exposure_of(facts_, pairs[i]);
    if (exposures[i] == Exposure::warm) warm_.push_back(pairs[i]);
  }
  warm_ratings_.resize(warm_.size());
  warm_deviations_.resize(deviations.empty() ? 0 : warm_.size());
  predictor_.predict(warm_, warm_ratings_, warm_deviations_);
  std::size_t next = 0;
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    const bool is_warm = exposures[i] == Exposure::warm;
    ratings[i] = is_warm ? warm_ratings_[next]
                         : static_cast<float>(facts_.user_item_mean(pairs[i].user, pairs[i].item));
    if (!deviations.empty()) {
      deviations[i] = is_warm ? warm_deviations_[next] : std::numeric_limits<float>::quiet_NaN();
    }
    next += is_warm ? 1 : 0;
  }
}

}  // namespace nnrec::serve
