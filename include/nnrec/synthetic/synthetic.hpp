#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

namespace nnrec::synthetic {

/// The values that ratings may have; the planted truth is the same, stretched to them.
enum class SyntheticScale : std::uint8_t {
  stars,        ///< 1, 2, ... 5
  half_stars,   ///< 0.5, 1, ... 5
  zero_to_ten,  ///< 0, 1, ... 10
};

/// All values of the scale, rising.
std::vector<float> scale_values(SyntheticScale scale);

/// What to plant. The defaults have MovieLens 100K's shape.
struct SyntheticOptions {
  std::uint64_t users = 943;
  std::uint64_t items = 1682;
  std::uint64_t ratings = 100'000;
  std::uint64_t seed = 1;
  SyntheticScale scale = SyntheticScale::stars;

  /// Throws UsageError that lists all violations at once.
  void validate() const;
};

struct SyntheticUser {
  int age = 0;  ///< years
  char gender = 'F';
  std::uint32_t occupation = 0;  ///< index into synthetic_occupations()
  std::string zip_code;
};

struct SyntheticItem {
  std::string title;  ///< UTF-8; a few items share one, as in MovieLens
  int year = 0;
  std::vector<std::uint32_t> genres;  ///< rising indices into synthetic_genres(), 1 to 6 of them
};

struct SyntheticRating {
  std::uint32_t item = 0;  ///< from 0
  float value = 0;         ///< one of scale_values()
  std::int64_t time = 0;   ///< Unix seconds
  /// The planted mean of `value` after rounding and clipping: what an all-knowing model predicts.
  double expected = 0;
};

/// MovieLens 100K's 19 genres, "unknown" first, and its 21 occupations.
const std::vector<std::string>& synthetic_genres();
const std::vector<std::string>& synthetic_occupations();

/// A data set with a planted truth, as a function of its options: nothing is stored but tables over
/// users and items, and any user's ratings can be made at any time, in any order.
///
///     score = mean + user bias + item bias + <user factors, item factors> - drift * time
///     value = score + noise, rounded and clipped to the scale
///
/// Item bias and factors lean on genre and title word, so that side information helps. Popularity
/// of items and activity of users fall like 1 / (rank + shift) (Zipf-Mandelbrot).
/// Uses counter-based random numbers and exactly rounded operations only (+ - * / sqrt; no libm,
/// no contraction): the same options give the same ratings on every machine.
class SyntheticSet {
 public:
  /// Throws UsageError (see SyntheticOptions::validate).
  explicit SyntheticSet(const SyntheticOptions& options);

  const SyntheticOptions& options() const noexcept { return options_; }
  SyntheticUser user(std::uint64_t user) const;
  SyntheticItem item(std::uint64_t item) const;
  std::uint64_t rating_count(std::uint64_t user) const { return ratings_per_user_[user]; }
  /// In time order; every item at most once. Over all users there are exactly options().ratings; a
  /// user has at least 20 where the numbers allow it.
  std::vector<SyntheticRating> ratings_of(std::uint64_t user) const;

 private:
  static constexpr int kRank = 8;
  using Factors = std::array<double, kRank>;

  void plan_activity();
  void plan_popularity();
  void plan_stretches();
  std::size_t rank_of(std::uint64_t point) const;
  void plan_items();
  std::vector<std::uint32_t> chosen_items(std::uint64_t user) const;
  std::vector<std::int64_t> times_of(std::uint64_t user) const;

  SyntheticOptions options_;
  std::vector<std::uint32_t> ratings_per_user_;
  std::vector<std::uint64_t> popularity_;  ///< running sum of weights, by popularity rank
  int stretch_shift_ = 0;  ///< points share a stretch when they differ in so many low bits
  std::vector<std::uint32_t> rank_of_stretch_;
  std::vector<std::uint32_t> item_of_rank_;
  std::vector<double> item_bias_;
  std::vector<Factors> item_factors_;
};

}  // namespace nnrec::synthetic
