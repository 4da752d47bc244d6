#include "nnrec/train/batch_plan.hpp"

#include <algorithm>
#include <map>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "nnrec/comm/self_communicator.hpp"

#include "support/thread_communicator.hpp"
#include "support/tiny_training.hpp"

namespace nnrec::train {
namespace {

using testing::TinyTraining;

TEST(BatchPlan, SharesAreConsecutiveAndCoverAll) {
  for (const std::size_t count : {0U, 1U, 5U, 32U}) {
    for (const int ranks : {1, 2, 3, 8, 11}) {
      std::size_t next = 0;
      for (int rank = 0; rank < ranks; ++rank) {
        const Range share = share_of(count, rank, ranks);
        EXPECT_EQ(share.begin, next);
        EXPECT_LE(share.size(),
                  (count + static_cast<std::size_t>(ranks) - 1) / static_cast<std::size_t>(ranks));
        next = share.end;
      }
      EXPECT_EQ(next, count);
    }
  }
}

std::map<std::uint64_t, int> rows_of_epoch(TinyTraining& tiny, std::uint64_t epoch,
                                           std::uint64_t batch_rows, std::vector<float>* order) {
  comm::SelfCommunicator self;
  BatchPlanner planner(tiny.input(), {5, batch_rows}, self);
  std::map<std::uint64_t, int> seen;
  BatchPlan plan;
  for (std::uint64_t position = 0; position < planner.epoch_rows(); position += plan.batch.rows) {
    planner.plan(epoch, position, planner.epoch_rows(), plan);
    for (std::size_t i = 0; i < plan.batch.rows; ++i) {
      ++seen[(std::uint64_t{plan.batch[features::IdColumn::user][i]} << 32) |
             plan.batch[features::IdColumn::title][i]];
      if (order != nullptr) order->push_back(plan.batch.rating[i]);
    }
  }
  return seen;
}

// C06: no row twice, none left out, in an order that no rank has for itself.
TEST(BatchPlan, AnEpochHoldsEachRowOnceWhateverTheBatch) {
  TinyTraining tiny("one_layer");
  std::map<std::uint64_t, int> expected;
  for (std::size_t row = 0; row < tiny.training.rating.size(); ++row) {
    const std::uint32_t title = tiny.features.title_of(tiny.training.item[row]);
    ++expected[(std::uint64_t{tiny.training.user[row] + 1} << 32) | (title + 1)];
  }
  std::vector<float> first;
  EXPECT_EQ(rows_of_epoch(tiny, 0, 128, &first), expected);
  for (const std::uint64_t batch : {1U, 7U, 1000U}) {
    std::vector<float> order;
    EXPECT_EQ(rows_of_epoch(tiny, 0, batch, &order), expected);
    EXPECT_EQ(order, first) << "the order must not depend on the batch";
  }
  std::vector<float> second;
  EXPECT_EQ(rows_of_epoch(tiny, 1, 128, &second), expected);
  EXPECT_NE(first, second) << "each epoch has an order of its own";
}

/// (batch row, table row) of every lookup of a table by the batch rows in `range`.
std::multiset<std::pair<std::size_t, std::uint32_t>> lookups(const BatchPlan& plan,
                                                             const models::TableUse& use,
                                                             Range range) {
  std::multiset<std::pair<std::size_t, std::uint32_t>> found;
  for (std::size_t row = range.begin; row < range.end; ++row) {
    if (const auto* id = std::get_if<features::IdColumn>(&use.column)) {
      found.insert({row, plan.batch[*id][row]});
      continue;
    }
    const auto& bags = plan.batch[std::get<features::BagColumn>(use.column)];
    for (std::uint32_t i = bags.offsets[row]; i < bags.offsets[row + 1]; ++i) {
      found.insert({row, bags.values[i]});
    }
  }
  return found;
}

TEST(BatchPlan, TouchedRowsAreThoseOfTheGlobalBatchOnEveryRank) {
  TinyTraining tiny("enriched");
  comm::SelfCommunicator self;
  BatchPlan whole;
  BatchPlanner(tiny.input(), {5, 300}, self).plan(2, 0, 320, whole);
  for (const int ranks : {1, 2, 3, 8}) {
    for (int rank = 0; rank < ranks; ++rank) {
      BatchPlanner planner(tiny.input(), {5, 300}, self, {rank, ranks, 0, 1});
      BatchPlan plan;
      planner.plan(2, 0, 320, plan);    // a first one leaves the planner's memory as it must be
      planner.plan(2, 300, 320, plan);  // the short last batch: 20 rows, fewer tiles than ranks
      ASSERT_EQ(plan.batch.rows, 20U);
      planner.plan(2, 0, 320, plan);
      for (std::size_t table = 0; table < plan.tables.size(); ++table) {
        const auto& use = tiny.network.tables()[table];
        const TouchedRows& touched = plan.tables[table];
        std::set<std::uint32_t> expected;
        for (const auto& [row, table_row] : lookups(whole, use, {0, 300}))
          expected.insert(table_row);
        EXPECT_TRUE(std::ranges::equal(touched.rows, expected));
        EXPECT_EQ(touched.lookups, lookups(whole, use, {0, 300}).size());
        std::multiset<std::pair<std::size_t, std::uint32_t>> own;
        for (std::size_t slot = 0; slot < touched.rows.size(); ++slot) {
          for (std::uint32_t i = touched.offsets[slot]; i < touched.offsets[slot + 1]; ++i) {
            own.insert({touched.batch_rows[i], touched.rows[slot]});
          }
        }
        EXPECT_EQ(own, lookups(whole, use,
                               {std::min<std::size_t>(plan.tiles.begin * 64, 300),
                                std::min<std::size_t>(plan.tiles.end * 64, 300)}));
      }
    }
  }
}

/// The rows that a node's part of the batch looks up.
std::set<std::uint32_t> looked_up(const BatchPlan& whole, const models::TableUse& use,
                                  const Owners& owners, std::size_t node) {
  std::set<std::uint32_t> rows;
  const Range tiles = owners.tiles_of(node, models::tile_count(whole.batch.rows));
  const Range part{std::min<std::size_t>(tiles.begin * 64, whole.batch.rows),
                   std::min<std::size_t>(tiles.end * 64, whole.batch.rows)};
  for (const auto& [row, table_row] : lookups(whole, use, part)) rows.insert(table_row);
  return rows;
}

TEST(BatchPlan, WithOwnersANodeListsWhatItKeepsWhatItLooksUpAndWhatOthersAskFor) {
  TinyTraining tiny("enriched");
  comm::SelfCommunicator self;
  BatchPlan whole;
  BatchPlanner(tiny.input(), {5, 300}, self).plan(2, 0, 320, whole);
  const std::vector<int> first_ranks{0, 1, 4, 5};  // three nodes of 1, 3 and 1 ranks
  for (std::size_t node = 0; node < 3; ++node) {
    const Owners owners(node, first_ranks);
    const Station station{first_ranks[node], 5, 0, first_ranks[node + 1] - first_ranks[node],
                          owners};
    BatchPlanner planner(tiny.input(), {5, 300}, self, station);
    BatchPlan plan;
    planner.plan(2, 300, 320, plan);  // leaves its memory behind
    planner.plan(2, 0, 320, plan);
    for (std::size_t table = 0; table < plan.tables.size(); ++table) {
      const auto& use = tiny.network.tables()[table];
      const TouchedRows& touched = plan.tables[table];
      for (std::size_t other = 0; other < 3; ++other) {
        std::set<std::uint32_t> kept;
        for (std::size_t from = 0; from < 3; ++from) {
          if (other != node && from != node) continue;
          for (const std::uint32_t row : looked_up(whole, use, owners, from)) {
            if (owners.of(row) == other) kept.insert(row);
          }
        }
        const Range slots = touched.slots_of(other);
        EXPECT_TRUE(std::ranges::equal(touched.rows.subspan(slots.begin, slots.size()), kept));
        std::set<std::uint32_t> asked;
        if (other != node) {
          for (const std::uint32_t row : looked_up(whole, use, owners, other)) {
            if (owners.owns(row)) asked.insert(row);
          }
        }
        std::vector<std::uint32_t> found;
        for (const std::uint32_t slot : touched.asked_by(other))
          found.push_back(touched.rows[slot]);
        EXPECT_TRUE(std::ranges::equal(found, asked));
      }
    }
  }
}

template <typename T>
void expect_equal_between(const std::vector<T>& found, const std::vector<T>& all, Range rows) {
  ASSERT_EQ(found.size(), all.size());
  if (all.empty()) return;  // a column that the variant does not want
  for (std::size_t row = rows.begin; row < rows.end; ++row) ASSERT_EQ(found[row], all[row]);
}

/// The lists of the rows in `rows`, one behind the other.
std::vector<std::uint32_t> values_between(const features::BagValues& bags, Range rows) {
  if (bags.offsets.empty()) return {};
  return {bags.values.begin() + bags.offsets[rows.begin],
          bags.values.begin() + bags.offsets[rows.end]};
}

/// Every column has in the plan's own rows what the whole batch has there.
void expect_own_columns(const BatchPlan& plan, const features::Batch& whole) {
  const features::Batch& batch = plan.batch;
  expect_equal_between(batch.rating, whole.rating, plan.own);
  for (std::size_t column = 0; column < features::kIdColumns; ++column) {
    expect_equal_between(batch.ids[column], whole.ids[column], plan.own);
  }
  for (std::size_t column = 0; column < features::kScalarColumns; ++column) {
    expect_equal_between(batch.scalars[column], whole.scalars[column], plan.own);
  }
  for (std::size_t column = 0; column < features::kBagColumns; ++column) {
    EXPECT_EQ(values_between(batch.bags[column], plan.own),
              values_between(whole.bags[column], plan.own));
  }
}

/// The plans of an epoch in groups, as a Trainer asks for them, beside what one rank alone finds.
TEST(BatchPlan, RanksOfANodePlanABatchEachAndFindTheSame) {
  TinyTraining tiny("enriched");
  const auto expect_same_plans = [&](comm::Communicator& communicator, std::uint64_t batch) {
    NodeRows rows(tiny.training.view());
    BatchPlanner planner(tiny.input(rows), {5, batch}, communicator);
    NodeRows rows_alone(tiny.training.view());
    comm::SelfCommunicator alone;
    BatchPlanner planner_alone(tiny.input(rows_alone), {5, batch}, alone);
    BatchPlan plan;
    BatchPlan expected;
    for (const std::uint64_t epoch : {1, 2}) {
      planner.plan(epoch, 0, 320, plan);
      for (std::uint64_t position = 0;; position += batch) {
        planner_alone.plan(epoch, position, 320, expected);
        ASSERT_EQ(plan.first_position, position);
        expect_own_columns(plan, expected.batch);
        for (std::size_t table = 0; table < plan.tables.size(); ++table) {
          const TouchedRows& found = plan.tables[table];
          ASSERT_TRUE(std::ranges::equal(found.rows, expected.tables[table].rows));
          ASSERT_TRUE(std::ranges::equal(found.offsets, expected.tables[table].offsets));
          ASSERT_TRUE(std::ranges::equal(found.batch_rows, expected.tables[table].batch_rows));
          ASSERT_EQ(found.lookups, expected.tables[table].lookups);
        }
        communicator.node_barrier();  // nobody overwrites what another still compares
        if (position + batch >= 320) break;
        planner.plan_own(epoch, position + batch, plan);
        if (planner.begins_group(position))
          planner.touch_group(epoch, planner.group_end(), 320, plan);
        communicator.node_barrier();
        planner.attach(plan);
      }
    }
  };
  for (const int ranks : {1, 2, 3, 4, 8}) {
    // Seven batches of a tile at most, and four of two.
    for (const std::uint64_t batch : {50, 100}) {
      test::run_ranks(
          ranks, [&](comm::Communicator& communicator) { expect_same_plans(communicator, batch); });
    }
  }
}

class BatchPlanOf : public ::testing::TestWithParam<std::string_view> {};
INSTANTIATE_TEST_SUITE_P(EveryVariant, BatchPlanOf, ::testing::ValuesIn(testing::variant_names()));

TEST_P(BatchPlanOf, OwnRowsHaveEveryColumnThatTheVariantWants) {
  TinyTraining tiny(GetParam());
  comm::SelfCommunicator self;
  BatchPlan whole;
  BatchPlanner(tiny.input(), {5, 300}, self).plan(2, 0, 320, whole);
  for (const int ranks : {2, 3, 8}) {
    for (int rank = 0; rank < ranks; ++rank) {
      BatchPlanner planner(tiny.input(), {5, 300}, self, {rank, ranks, 0, 1});
      BatchPlan plan;
      planner.plan(2, 300, 320, plan);  // leaves its memory behind
      planner.plan(2, 0, 320, plan);
      expect_own_columns(plan, whole.batch);
    }
  }
}

TEST(IdleRanksWarning, ComesWhereThereAreFewerTilesThanRanks) {
  EXPECT_EQ(idle_ranks_warning(1, 1, 1'000), "");
  EXPECT_EQ(idle_ranks_warning(8, 449, 1'000), "");
  const std::string few = idle_ranks_warning(8, 256, 1'000);
  EXPECT_THAT(few, ::testing::HasSubstr("4 of 8 ranks have no work: 256 ratings"));
  EXPECT_THAT(few, ::testing::HasSubstr("Use 4 ranks, or --batch 449 or more"));
}

TEST(IdleRanksWarning, AsksForNoBatchThatTheSetDoesNotHave) {
  const std::string small = idle_ranks_warning(8, 2'048, 300);
  EXPECT_THAT(small, ::testing::HasSubstr("3 of 8 ranks have no work: 300 ratings"));
  EXPECT_THAT(small, ::testing::EndsWith("Use 5 ranks"));
}

}  // namespace
}  // namespace nnrec::train
