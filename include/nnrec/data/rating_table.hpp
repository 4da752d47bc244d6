#pragma once

#include <cstdint>
#include <vector>

#include "nnrec/data/id_map.hpp"
#include "nnrec/data/rating_reader.hpp"

namespace nnrec::data {

/// All ratings of a source in its order, numbered: 20 bytes a rating.
struct RatingTable {
  std::vector<std::uint32_t> user;
  std::vector<std::uint32_t> item;
  std::vector<float> rating;
  std::vector<std::int64_t> timestamp;
  /// Rows [file_ends[i - 1], file_ends[i]) come from rating file i.
  std::vector<std::uint64_t> file_ends;

  std::uint64_t rows() const noexcept { return user.size(); }
};

/// What a rule decides about one rating; it may also mend the rating's value or time.
enum class RuleVerdict { keep, drop };

/// A stage between reader and table that looks at one rating at a time and counts what it does.
class RatingRule {
 public:
  RatingRule() = default;
  RatingRule(const RatingRule&) = delete;
  RatingRule& operator=(const RatingRule&) = delete;
  virtual ~RatingRule() = default;
  /// Throws InputError with the rating's place when the rule stops the run.
  virtual RuleVerdict apply(RawRating& rating) = 0;
  /// One line for the report; empty when there is nothing to say.
  virtual std::string report() const = 0;
};

/// Stops at a value outside the scale. Requires: `reader` outlives the rule.
class ScaleRule : public RatingRule {
 public:
  ScaleRule(RatingScale scale, const RatingReader& reader) : scale_(scale), reader_(reader) {}
  RuleVerdict apply(RawRating& rating) override;
  std::string report() const override;

 private:
  RatingScale scale_;
  const RatingReader& reader_;
};

using RatingRules = std::vector<std::unique_ptr<RatingRule>>;

/// The table of what the rules keep, and the ids that its numbers stand for.
struct NumberedRatings {
  RatingTable table;
  IdMap users;
  IdMap items;
  std::uint64_t rows_read = 0;
};
NumberedRatings number_ratings(RatingReader& reader, const RatingRules& rules);

}  // namespace nnrec::data
