#include "nnrec/serve/evaluated_rows.hpp"

#include <limits>
#include <memory>
#include <numeric>
#include <string>

#include "nnrec/serve/id_index.hpp"
#include "nnrec/serve/part_rows.hpp"

namespace nnrec::serve {
namespace {

constexpr std::size_t kPieceRows = 64 * models::kTileRows;

/// Of each of `ids`, its index among `known`.
std::vector<std::uint32_t> join(const std::vector<std::string>& ids,
                                const std::vector<std::string>& known) {
  const IdIndex index(known);
  std::vector<std::uint32_t> joined;
  for (const std::string& id : ids) joined.push_back(index.find(id));
  return joined;
}

std::vector<std::uint32_t> same(std::size_t count) {
  std::vector<std::uint32_t> indices(count);
  std::iota(indices.begin(), indices.end(), 0U);
  return indices;
}

void predict_piece(const TrainingFacts& facts, std::span<const Pair> pairs, Predictor& predictor,
                   std::span<float> ratings, std::span<float> deviations) {
  std::vector<Pair> known(pairs.begin(), pairs.end());
  for (Pair& pair : known) {
    if (pair.user == kUnknown || pair.item == kUnknown) pair = {};  // its prediction is not used
  }
  predictor.predict(known, ratings, deviations);
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    if (pairs[i].user != kUnknown && pairs[i].item != kUnknown) continue;
    ratings[i] = static_cast<float>(facts.user_item_mean(pairs[i].user, pairs[i].item));
    if (!deviations.empty()) deviations[i] = std::numeric_limits<float>::quiet_NaN();
  }
}

}  // namespace

EvaluatedRows read_evaluated(const shards::ShardSet& set, shards::Part part,
                             const shards::ShardSet& trained, const math::ThreadTeam& team) {
  const bool is_same = set.manifest().digest == trained.manifest().digest;
  const auto& own = set.catalogue();
  const auto& known = trained.catalogue();
  const auto users = is_same ? same(own.user_ids.size()) : join(own.user_ids, known.user_ids);
  const auto items = is_same ? same(own.item_ids.size()) : join(own.item_ids, known.item_ids);
  std::vector<std::uint32_t> dense(own.user_ids.size(), kUnknown);
  EvaluatedRows read;
  visit_part(set, part, team, [&](const shards::RatingColumns& rows) {
    read.ratings.insert(read.ratings.end(), rows.rating.begin(), rows.rating.end());
    for (std::size_t row = 0; row < rows.user.size(); ++row) {
      const std::uint32_t user = rows.user[row];
      read.pairs.push_back({users[user], items[rows.item[row]], rows.timestamp[row]});
      if (dense[user] == kUnknown) {
        dense[user] = static_cast<std::uint32_t>(read.user_indices.size());
        read.user_indices.push_back(user);
      }
      read.users.push_back(dense[user]);
    }
  });
  return read;
}

std::vector<float> predict_rows(const Model& model, const TrainingFacts& facts,
                                const EvaluatedRows& rows, const math::ThreadTeam& team,
                                std::vector<float>* deviations) {
  std::vector<std::unique_ptr<Predictor>> predictors;
  for (int thread = 0; thread < team.size(); ++thread)
    predictors.push_back(std::make_unique<Predictor>(model));
  std::vector<float> ratings(rows.pairs.size());
  if (deviations != nullptr) deviations->resize(ratings.size());
  const std::size_t pieces = (ratings.size() + kPieceRows - 1) / kPieceRows;
  team.for_each(pieces, [&](std::size_t piece, std::size_t thread) {
    const std::size_t first = piece * kPieceRows;
    const std::size_t count = std::min(kPieceRows, ratings.size() - first);
    predict_piece(
        facts, std::span(rows.pairs).subspan(first, count), *predictors[thread],
        std::span(ratings).subspan(first, count),
        deviations == nullptr ? std::span<float>() : std::span(*deviations).subspan(first, count));
  });
  return ratings;
}

}  // namespace nnrec::serve
