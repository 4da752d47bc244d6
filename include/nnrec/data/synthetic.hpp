#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace nnrec::data {

/// What to plant. The defaults have MovieLens 100K's shape.
struct SyntheticOptions {
  std::uint64_t users = 943;
  std::uint64_t items = 1682;
  std::uint64_t ratings = 100'000;
  std::uint64_t seed = 1;

  /// Throws InputError that lists all violations at once.
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
  int value = 0;           ///< 1..5
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
///     value = score + noise, rounded and clipped to 1..5
///
/// Item bias and factors lean on genre and title word, so that side information helps. Popularity
/// of items and activity of users fall like 1 / (rank + shift) (Zipf-Mandelbrot).
/// Uses counter-based random numbers and exactly rounded operations only (+ - * / sqrt; no libm,
/// no contraction): the same options give the same ratings on every machine.
class SyntheticSet {
 public:
  /// Throws InputError (see SyntheticOptions::validate).
  explicit SyntheticSet(const SyntheticOptions& options);

  const SyntheticOptions& options() const noexcept { return options_; }
  SyntheticUser user(std::uint64_t user) const;
  SyntheticItem item(std::uint64_t item) const;
  /// In time order; every item at most once. Over all users there are exactly options().ratings; a
  /// user has at least 20 where the numbers allow it.
  std::vector<SyntheticRating> ratings_of(std::uint64_t user) const;

 private:
  static constexpr int kRank = 8;
  using Factors = std::array<double, kRank>;

  void plan_activity();
  void plan_popularity();
  void plan_items();
  std::vector<std::uint32_t> chosen_items(std::uint64_t user) const;
  std::vector<std::int64_t> times_of(std::uint64_t user) const;

  SyntheticOptions options_;
  std::vector<std::uint32_t> ratings_per_user_;
  std::vector<std::uint64_t> popularity_;  ///< running sum of weights, by popularity rank
  std::vector<std::uint32_t> item_of_rank_;
  std::vector<double> item_bias_;
  std::vector<Factors> item_factors_;
};

/// What was written.
struct SyntheticSummary {
  std::uint64_t ratings = 0;
  std::uint64_t rated_items = 0;
  std::array<std::uint64_t, 5> values{};  ///< how many ratings of 1, 2, ... 5
  /// RMSE of SyntheticRating::expected over all ratings: no model is better but by chance.
  double noise_floor_rmse = 0;
};

/// Writes the set as MovieLens 100K has it (u.data, u.item in Latin-1, u.user, u.genre,
/// u.occupation, u.info) and noise_floor.txt into `folder`, which is whole or absent afterwards.
/// Memory: tables over users and items, and one user's ratings.
/// Throws InputError when `folder` exists and is not empty, IoError.
SyntheticSummary write_movielens_100k(const SyntheticSet& set, const std::filesystem::path& folder);

}  // namespace nnrec::data
