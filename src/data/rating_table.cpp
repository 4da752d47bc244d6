#include "nnrec/data/rating_table.hpp"

#include <algorithm>

#include "nnrec/base/error.hpp"

namespace nnrec::data {
namespace {

bool is_kept(RawRating& rating, const RatingRules& rules) {
  return std::all_of(rules.begin(), rules.end(), [&](const std::unique_ptr<RatingRule>& rule) {
    return rule->apply(rating) == RuleVerdict::keep;
  });
}

void add(const RawRating& rating, NumberedRatings& ratings) {
  auto& table = ratings.table;
  if (table.file_ends.size() <= rating.file) table.file_ends.resize(rating.file + 1, table.rows());
  table.user.push_back(ratings.users.insert(rating.user));
  table.item.push_back(ratings.items.insert(rating.item));
  table.rating.push_back(rating.value);
  table.timestamp.push_back(rating.timestamp);
  table.file_ends[rating.file] = table.rows();
}

}  // namespace

RuleVerdict ScaleRule::apply(RawRating& rating) {
  if (rating.value >= scale_.low && rating.value <= scale_.high) return RuleVerdict::keep;
  throw InputError("{}: rating = {} is outside {}..{}. Correct or remove the line.",
                   reader_.place(rating), rating.value, scale_.low, scale_.high);
}

std::string ScaleRule::report() const {
  return fmt::format("scale {}..{}: every rating lies inside", scale_.low, scale_.high);
}

NumberedRatings number_ratings(RatingReader& reader, const RatingRules& rules) {
  NumberedRatings ratings;
  reader.read_ratings([&](std::span<const RawRating> block) {
    for (RawRating rating : block) {
      ++ratings.rows_read;
      if (is_kept(rating, rules)) add(rating, ratings);
    }
  });
  return ratings;
}

}  // namespace nnrec::data
