#include "nnrec/synthetic/synthetic.hpp"

#include <algorithm>
#include <bit>

#include "nnrec/base/error.hpp"
#include "nnrec/base/permutation.hpp"

#include "catalogue.hpp"
#include "random.hpp"

namespace nnrec::synthetic {
namespace {

constexpr std::uint64_t kLeastPerUser = 20;
// Fitted to MovieLens 100K: how fast activity and popularity fall from the most to the least.
constexpr double kActivityShift = 0.08;
constexpr double kPopularityShift = 0.03;
constexpr double kMean = 3.55;
constexpr double kUserBias = 0.40;
constexpr double kItemBias = 0.36;
constexpr double kGenreBias = 0.20;
constexpr double kWordBias = 0.15;
constexpr double kUserFactor = 0.36;
constexpr double kItemFactor = 0.26;
constexpr double kGenreFactor = 0.26;
constexpr double kDrift = 0.10;
constexpr double kNoise = 0.90;
// The collection time of MovieLens 100K.
constexpr std::int64_t kFirstSecond = 874'724'710;
constexpr std::int64_t kSpanSeconds = 18'561'928;

/// Falls from 1 / shift at 0 to nearly 0 at 1; `position` in [0, 1), `shift` in (0, 0.08].
double falling_weight(double position, double shift) {
  return 1.0 / (position + shift) - 0.92;
}

/// Distribution of the sum of three uniform numbers on (-1/2, 1/2): a bell whose distribution
/// function is a polynomial, so that planted means are exact on every machine. All pieces are made
/// and one is chosen, so that several values are made side by side.
double bell3_distribution(double z) {
  constexpr double kSixth = 1.0 / 6;  // a product takes a quarter of a division's time
  const double x = z + 1.5;
  const double rest = 3 - x;
  const double low = x * x * x * kSixth;
  const double middle = (((9 - 2 * x) * x - 9) * x + 3) * kSixth;
  const double high = 1 - rest * rest * rest * kSixth;
  const double inner = x < 1 ? low : x < 2 ? middle : high;
  return x <= 0 ? 0 : x >= 3 ? 1 : inner;
}

/// The factor 2 gives bell3 (variance 1/4) the variance kNoise^2.
constexpr double kNoiseWidth = 2 * kNoise;

/// Steps of a scale: value = step * k for k in lowest..highest; a score x stands at
/// stretch * x + offset on the axis of k.
struct ScaleSteps {
  double stretch;
  double offset;
  int lowest;
  int highest;
  double step;
};

constexpr int kMostSteps = 10;  ///< between the values of a scale

constexpr ScaleSteps steps_of(SyntheticScale scale) {
  switch (scale) {
    case SyntheticScale::half_stars:
      return {2, 0, 1, 10, 0.5};
    case SyntheticScale::zero_to_ten:
      return {2.5, -2.5, 0, 10, 1};
    case SyntheticScale::stars:
      break;
  }
  return {1, 0, 1, 5, 1};
}

float rounded_value(double score, const ScaleSteps& steps, const CounterRandom& noise,
                    std::uint64_t index) {
  const auto word = noise.words(index);
  const auto sum = std::uint64_t{word[0]} + word[1] + word[2];
  const double z = static_cast<double>(sum) * 0x1p-32 - 1.5;
  const double position = steps.stretch * (score + kNoiseWidth * z) + steps.offset + 0.5;
  const double lowest = steps.lowest;
  const double highest = steps.highest;
  return static_cast<float>(steps.step * static_cast<int>(std::clamp(position, lowest, highest)));
}

/// Mean of rounded_value: the highest step less the sum over k of P(step <= k).
double expected_value(double score, const ScaleSteps& steps) {
  const double scale = 1 / (steps.stretch * kNoiseWidth);
  const double center = steps.stretch * score + steps.offset - 0.5;
  std::array<double, kMostSteps> below;
  for (int k = 0; k < kMostSteps; ++k)
    below[static_cast<std::size_t>(k)] = bell3_distribution((steps.lowest + k - center) * scale);
  double expected = steps.highest;
  for (int k = 0; k < steps.highest - steps.lowest; ++k)
    expected -= below[static_cast<std::size_t>(k)];
  return steps.step * expected;
}

}  // namespace

std::vector<float> scale_values(SyntheticScale scale) {
  const auto steps = steps_of(scale);
  std::vector<float> values;
  for (int k = steps.lowest; k <= steps.highest; ++k)
    values.push_back(static_cast<float>(steps.step * k));
  return values;
}

void SyntheticOptions::validate() const {
  constexpr std::uint64_t kMost = 1'000'000'000;
  std::string faults;
  const auto check = [&faults](bool holds, const std::string& fault) {
    if (!holds) faults += (faults.empty() ? "" : "; ") + fault;
  };
  check(users >= 1 && users <= kMost, fmt::format("users = {} is outside 1..{}", users, kMost));
  check(items >= 1 && items <= kMost, fmt::format("items = {} is outside 1..{}", items, kMost));
  check(ratings >= users,
        fmt::format("ratings = {} is below users = {}: each user rates", ratings, users));
  if (users <= kMost && items <= kMost)
    check(ratings <= users * items,
          fmt::format("ratings = {} is above users x items = {}", ratings, users * items));
  if (!faults.empty()) throw UsageError("synthetic data: {}. See nnrec_synth --help.", faults);
}

SyntheticSet::SyntheticSet(const SyntheticOptions& options) : options_(options) {
  options_.validate();
  plan_activity();
  plan_popularity();
  plan_items();
}

void SyntheticSet::plan_activity() {
  const auto& [users, items, ratings, seed, scale] = options_;
  const std::uint64_t least = std::min({kLeastPerUser, ratings / users, items});
  std::vector<std::uint64_t> weights(users);
  std::uint64_t total = 0;
  for (std::uint64_t user = 0; user < users; ++user) {
    const double position = draws(seed, Draw::activity, 0).uniform(user);
    weights[user] =
        1 + static_cast<std::uint64_t>(0x1p12 * falling_weight(position, kActivityShift));
    total += weights[user];
  }
  const std::uint64_t shared = ratings - least * users;
  std::uint64_t left = shared;
  ratings_per_user_.resize(users);
  for (std::uint64_t user = 0; user < users; ++user) {
    // In two steps, so that no product reaches 2^64.
    const std::uint64_t share =
        shared / total * weights[user] + shared % total * weights[user] / total;
    const std::uint64_t more = std::min(share, items - least);
    ratings_per_user_[user] = static_cast<std::uint32_t>(least + more);
    left -= more;
  }
  while (left > 0)
    for (std::uint64_t user = 0; user < users && left > 0; ++user)
      if (ratings_per_user_[user] < items) {
        ++ratings_per_user_[user];
        --left;
      }
}

void SyntheticSet::plan_popularity() {
  const std::uint64_t items = options_.items;
  const Permutation order(items, options_.seed, Purpose::synthetic,
                          draw_step(Draw::popularity_order, 0));
  popularity_.resize(items);
  item_of_rank_.resize(items);
  std::uint64_t sum = 0;
  for (std::uint64_t rank = 0; rank < items; ++rank) {
    const double position = static_cast<double>(rank) / static_cast<double>(items);
    sum += 1 + static_cast<std::uint64_t>(0x1p16 * falling_weight(position, kPopularityShift));
    popularity_[rank] = sum;
    item_of_rank_[rank] = static_cast<std::uint32_t>(order(rank));
  }
  plan_stretches();
}

/// Where to begin looking for a point: the rank of the first point of its stretch.
void SyntheticSet::plan_stretches() {
  const auto points = popularity_.back();
  stretch_shift_ = std::max(0, static_cast<int>(std::bit_width(points)) -
                                   static_cast<int>(std::bit_width(4 * options_.items)));
  std::uint32_t rank = 0;
  for (std::uint64_t point = 0; point < points; point += std::uint64_t{1} << stretch_shift_) {
    while (popularity_[rank] <= point) ++rank;
    rank_of_stretch_.push_back(rank);
  }
}

/// The first rank whose sum is above `point`.
std::size_t SyntheticSet::rank_of(std::uint64_t point) const {
  std::size_t rank = rank_of_stretch_[point >> stretch_shift_];
  while (popularity_[rank] <= point) ++rank;
  return rank;
}

void SyntheticSet::plan_items() {
  const std::uint64_t seed = options_.seed;
  item_bias_.resize(options_.items);
  item_factors_.resize(options_.items);
  for (std::uint64_t item = 0; item < options_.items; ++item) {
    const auto own = draws(seed, Draw::item_taste, item);
    const auto word = draws(seed, Draw::word_taste, synthetic_title_word(item));
    item_bias_[item] = kItemBias * bell(own, kRank) + kWordBias * bell(word, 0);
    auto& factors = item_factors_[item];
    for (std::size_t k = 0; k < kRank; ++k) factors[k] = kItemFactor * bell(own, k);
    const auto genres = synthetic_item_genres(seed, item);
    const double share = 1.0 / static_cast<double>(genres.size());
    for (const auto genre : genres) {
      const auto taste = draws(seed, Draw::genre_taste, genre);
      item_bias_[item] += share * kGenreBias * bell(taste, kRank);
      for (std::size_t k = 0; k < kRank; ++k) factors[k] += share * kGenreFactor * bell(taste, k);
    }
  }
}

std::vector<std::uint32_t> SyntheticSet::chosen_items(std::uint64_t user) const {
  const std::uint64_t count = ratings_per_user_[user];
  std::vector<bool> taken(options_.items);
  std::vector<std::uint32_t> chosen;
  chosen.reserve(count);
  const auto take = [&](std::uint32_t item) {
    if (taken[item]) return;
    taken[item] = true;
    chosen.push_back(item);
  };
  // Every item has one user who rates it in any case, where that takes few of the ratings.
  const bool covers_items = 8 * options_.items <= options_.ratings;
  for (std::uint64_t item = user;
       covers_items && item < options_.items && chosen.size() < count / 2; item += options_.users)
    take(static_cast<std::uint32_t>(item));
  const auto choice = draws(options_.seed, Draw::choice, user);
  const std::uint64_t most_draws = 16 * count + 64;
  // Of the division by the sum of all weights; by a product, a fraction of a division's time.
  const std::uint64_t points = popularity_.back();
  const std::uint64_t reciprocal = ~std::uint64_t{0} / points;
  const auto remainder = [=](std::uint64_t value) {
    __extension__ using Wide = unsigned __int128;
    const auto quotient = static_cast<std::uint64_t>(Wide{value} * reciprocal >> 64);
    auto rest = value - quotient * points;  // The quotient is at most 2 too small.
    while (rest >= points) rest -= points;
    return rest;
  };
  for (std::uint64_t draw = 0; draw < most_draws && chosen.size() < count; ++draw) {
    const std::uint64_t point = remainder(choice.bits(draw));
    take(item_of_rank_[rank_of(point)]);
  }
  // A user who rates nearly all items: drawing would find the last ones too slowly.
  for (std::uint64_t rank = 0; chosen.size() < count; ++rank) take(item_of_rank_[rank]);
  return chosen;
}

std::vector<std::int64_t> SyntheticSet::times_of(std::uint64_t user) const {
  const auto random = draws(options_.seed, Draw::time, user);
  const std::size_t count = ratings_per_user_[user];
  std::vector<std::int64_t> times(count, 0);
  // Sittings of about 40 ratings, seconds apart, many in the same second; weeks between sittings.
  for (std::size_t i = 1; i < count; ++i) {
    const auto word = random.words(i);
    const std::int64_t within = word[0] % 64 < 16 ? 0 : word[0] % 64;
    const bool new_sitting = word[1] % 40 == 0;
    times[i] = times[i - 1] + (new_sitting ? std::int64_t{word[2] % 2'592'000} : within);
  }
  const std::int64_t shrink = times.back() / kSpanSeconds + 1;
  for (auto& time : times) time /= shrink;
  const auto room = static_cast<std::uint64_t>(kSpanSeconds - times.back() + 1);
  const auto start = kFirstSecond + static_cast<std::int64_t>(random.bits(0) % room);
  for (auto& time : times) time += start;
  return times;
}

std::vector<SyntheticRating> SyntheticSet::ratings_of(std::uint64_t user) const {
  const auto taste = draws(options_.seed, Draw::user_taste, user);
  const auto noise = draws(options_.seed, Draw::noise, user);
  const double base = kMean + kUserBias * bell(taste, kRank);
  Factors factors;
  for (std::size_t k = 0; k < kRank; ++k) factors[k] = kUserFactor * bell(taste, k);
  const auto steps = steps_of(options_.scale);
  const auto items = chosen_items(user);
  const auto times = times_of(user);
  std::vector<SyntheticRating> ratings(items.size());
  // Scores first: the look-ups are many at once when little else is between them.
  for (std::size_t i = 0; i < items.size(); ++i) {
    double score = base + item_bias_[items[i]];
    for (std::size_t k = 0; k < kRank; ++k) score += factors[k] * item_factors_[items[i]][k];
    ratings[i].expected = score;
  }
  for (std::size_t i = 0; i < items.size(); ++i) {
    const auto elapsed = static_cast<double>(times[i] - kFirstSecond);
    const double score =
        ratings[i].expected - kDrift * (2 * elapsed / static_cast<double>(kSpanSeconds) - 1);
    ratings[i] = {items[i], rounded_value(score, steps, noise, items[i]), times[i],
                  expected_value(score, steps)};
  }
  return ratings;
}

}  // namespace nnrec::synthetic
