#include "run/training_sessions.hpp"

#include <algorithm>
#include <numeric>

#include <gtest/gtest.h>

#include "nnrec/features/features.hpp"
#include "nnrec/shards/shard_set_writer.hpp"

#include "support/temporary_folder.hpp"
#include "support/thread_communicator.hpp"
#include "support/tiny_data.hpp"

namespace nnrec::run {
namespace {

using features::BagColumn;
using features::IdColumn;

/// The same training rows with other test rows beside them.
shards::ShardSet write_set(const std::filesystem::path& folder, const shards::ShardSet& like,
                           const testing::OwnedColumns& test) {
  shards::ShardSetOptions options;
  options.folder = folder;
  shards::ShardSetWriter writer(options);
  writer.append(shards::Part::train, testing::read_part(like, shards::Part::train).view());
  if (!test.user.empty()) writer.append(shards::Part::test, test.view());
  return writer.publish(like.manifest(), like.catalogue());
}

/// What training reads of its rows of the columns that are no published ones.
features::Batch training_features(const shards::ShardSet& set) {
  const features::OwnedSessions sessions = read_training_sessions(set, math::ThreadTeam(1));
  features::Features features(set);
  features.use_sessions(sessions.view());
  features::ColumnSet wanted;
  wanted.ids.fill(true);
  wanted.ids[static_cast<std::size_t>(IdColumn::timestamp_bucket)] = false;
  wanted.bags.fill(true);
  const testing::OwnedColumns training = testing::read_part(set, shards::Part::train);
  std::vector<std::uint64_t> rows(training.user.size());
  std::iota(rows.begin(), rows.end(), 0);
  features::Batch batch;
  features.gather(training.view(), rows, wanted, batch);
  return batch;
}

TEST(TrainingSessions, OtherTestRatingsChangeNoTrainingFeature) {
  const testing::TemporaryFolder folder;
  const auto tiny = testing::make_tiny_set(folder / "tiny", 7, 9, 150);
  testing::OwnedColumns test = testing::read_part(tiny, shards::Part::test);
  const features::Batch before = training_features(write_set(folder / "before", tiny, test));
  for (std::size_t row = 0; row < test.user.size(); ++row) {
    test.user[row] = (test.user[row] + 1) % 7;
    test.rating[row] = 6 - test.rating[row];
    test.timestamp[row] -= 40'000'000;  // days before all others
  }
  const auto training = testing::read_part(tiny, shards::Part::train);
  test.timestamp[0] = training.timestamp[3] + 1;  // would join a training rating's session
  test.user[0] = training.user[3];
  for (const features::Batch& after :
       {training_features(write_set(folder / "changed", tiny, test)),
        training_features(write_set(folder / "dropped", tiny, {}))}) {
    EXPECT_EQ(after.ids, before.ids);
    for (std::size_t bag = 0; bag < features::kBagColumns; ++bag)
      EXPECT_EQ(after.bags[bag].values, before.bags[bag].values);
  }
  EXPECT_GT(*std::ranges::max_element(before[IdColumn::page]), 100U) << "there are sessions";
  EXPECT_GT(*std::ranges::max_element(before[IdColumn::day]), 50U) << "and days";
}

TEST(TrainingSessions, RanksOfANodeSeeWhatOneReads) {
  const testing::TemporaryFolder folder;
  const auto set = testing::make_tiny_set(folder / "tiny", 7, 9, 150);
  const features::OwnedSessions own = read_training_sessions(set, math::ThreadTeam(1));
  test::run_ranks(3, [&](comm::Communicator& ranks) {
    const auto shared = share_training_sessions(ranks, math::ThreadTeam(1), set);
    ASSERT_EQ(shared.moments.size(), own.moments.size());
    for (std::size_t i = 0; i < own.moments.size(); ++i)
      EXPECT_EQ(shared.moments[i].sitting, own.moments[i].sitting);
    EXPECT_TRUE(std::ranges::equal(shared.first, own.first));
  });
}

}  // namespace
}  // namespace nnrec::run
