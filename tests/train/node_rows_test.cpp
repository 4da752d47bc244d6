#include "nnrec/train/node_rows.hpp"

#include <chrono>
#include <functional>
#include <thread>

#include <gtest/gtest.h>

#include "nnrec/comm/self_communicator.hpp"
#include "nnrec/shards/shard_set_writer.hpp"

#include "support/bytes_read.hpp"
#include "support/damage.hpp"
#include "support/expect_error.hpp"
#include "support/temporary_folder.hpp"
#include "support/thread_communicator.hpp"
#include "support/tiny_data.hpp"

namespace nnrec::train {
namespace {

namespace fs = std::filesystem;

/// 400 ratings in shards of at most 133: 320 train, 80 test.
class NodeRowsOf : public ::testing::Test {
 protected:
  fs::path shard(std::size_t index) const { return set_.shard_path(index); }
  std::string shard_name(std::size_t index) const { return set_.manifest().shards[index].file; }

  testing::TemporaryFolder folder_;
  shards::ShardSet set_ = testing::make_tiny_set(folder_ / "set", 11, 13, 400);
  testing::OwnedColumns training_ = testing::read_part(set_, shards::Part::train);
  RowOrder order_ = RowOrder::shuffled(320, 5, 0);
};

/// Any piece of what is in memory, copied, is what stands at its positions.
TEST_F(NodeRowsOf, RatingsAreCopiedInTheOrderTheyAreVisitedIn) {
  comm::SelfCommunicator self;
  const math::ThreadTeam team(1);
  for (const std::uint64_t most : {std::uint64_t{319}, kAllRows}) {
    NodeRows rows(self, team, set_, shards::Part::train, most);
    const std::uint64_t end = rows.load(order_, 0, 1);
    EXPECT_EQ(rows.is_in_order(), most == 319);
    for (const std::size_t count : {0, 1, 63, 64, 65, 128, 200, 315}) {
      constexpr std::uint64_t kFirst = 3;
      constexpr std::size_t kPlace = 2;
      ASSERT_LE(kFirst + count, end);
      const NodeRatings copy(self, kPlace + count + 1, shards::Times::kept);
      rows.copy(order_, kFirst, count, copy, kPlace);
      const shards::RatingView found = copy.view();
      for (std::size_t i = 0; i < count; ++i) {
        std::uint64_t row = 0;
        order_.values(kFirst + i, {&row, 1});
        ASSERT_EQ(found.user[kPlace + i], training_.user[row]);
        ASSERT_EQ(found.item[kPlace + i], training_.item[row]);
        ASSERT_EQ(found.rating[kPlace + i], training_.rating[row]);
        ASSERT_EQ(found.timestamp[kPlace + i], training_.timestamp[row]);
      }
      for (const std::size_t beside : {std::size_t{1}, kPlace + count})
        EXPECT_EQ(found.timestamp[beside], 0) << "of " << count;
    }
  }
}

/// Walks a part from position `first` on in groups and compares each rating with that in memory.
void expect_each_position(NodeRows& rows, const testing::OwnedColumns& all, const RowOrder& order,
                          std::uint64_t first, std::uint64_t group) {
  while (first < rows.size()) {
    const std::uint64_t end = rows.load(order, first, group);
    ASSERT_GT(end, first);
    ASSERT_LE(end, rows.size());
    if (end < rows.size()) {
      ASSERT_EQ((end - first) % group, 0U) << "a group is parted";
    }
    std::vector<std::uint64_t> places(end - first);
    rows.rows_at(order, first, places);
    for (std::uint64_t position = first; position < end; ++position) {
      std::uint64_t row = 0;
      order.values(position, {&row, 1});
      const std::uint64_t found = places[position - first];
      ASSERT_EQ(rows.ratings().user[found], all.user[row]);
      ASSERT_EQ(rows.ratings().item[found], all.item[row]);
      ASSERT_EQ(rows.ratings().rating[found], all.rating[row]);
      if (rows.ratings().timestamp.empty()) continue;
      ASSERT_EQ(rows.ratings().timestamp[found], all.timestamp[row]);
    }
    first = end;
  }
}

TEST_F(NodeRowsOf, EachPositionHoldsTheSameRatingWhateverTheLimit) {
  for (const int ranks : {1, 2, 3, 4, 8}) {
    test::run_ranks(
        ranks,
        [&](comm::Communicator& communicator) {
          for (const std::uint64_t most : {std::uint64_t{7}, std::uint64_t{64}, std::uint64_t{133},
                                           std::uint64_t{319}, std::uint64_t{320}, kAllRows}) {
            const math::ThreadTeam team(1 + ranks % 3);
            NodeRows rows(communicator, team, set_, shards::Part::train, most);
            EXPECT_EQ(rows.size(), 320U);
            EXPECT_EQ(rows.ratings().size(), std::min<std::uint64_t>(most, 320));
            for (const std::uint64_t first : {0U, 1U, 160U, 319U}) {
              expect_each_position(rows, training_, {}, first, 7);
              expect_each_position(rows, training_, order_, first, 5);
              expect_each_position(rows, training_, RowOrder::shuffled(320, 5, 1), first, 7);
              expect_each_position(rows, training_, RowOrder::of_blocks(rows.blocks(), 5, 1, 2),
                                   first, 7);
            }
          }
        },
        3);
  }
}

TEST_F(NodeRowsOf, ReadBesideTheUseOfAWindowEachPositionHoldsTheSame) {
  for (const int ranks : {1, 2, 3, 4, 8}) {
    test::run_ranks(
        ranks,
        [&](comm::Communicator& communicator) {
          for (const std::uint64_t most :
               {std::uint64_t{14}, std::uint64_t{65}, std::uint64_t{133}, std::uint64_t{319}}) {
            NodeRows rows(communicator, math::ThreadTeam(2), set_, shards::Part::train, most,
                          shards::Times::kept, 1 + ranks % 2);
            for (const std::uint64_t first : {0U, 1U, 160U, 319U}) {
              expect_each_position(rows, training_, {}, first, 7);
              expect_each_position(rows, training_, order_, first, 5);
              rows.expect(RowOrder::shuffled(320, 5, 1), 7);  // kept where it begins at 0
              expect_each_position(rows, training_, RowOrder::shuffled(320, 5, 1), first, 7);
              expect_each_position(rows, training_, RowOrder::of_blocks(rows.blocks(), 5, 1, 2),
                                   first, 7);
              rows.load(order_, 100, 7);  // which begins what nobody asks for
            }
          }
        },
        3);
  }
}

/// Of a shard set, all of its shards.
void remove_shards(const shards::ShardSet& set) {
  for (std::size_t index = 0; index < set.manifest().shards.size(); ++index)
    fs::remove(set.shard_path(index));
}

/// Waits until this process has read `bytes` more, and no more is read.
void wait_for_reading(std::uint64_t before) {
  for (std::uint64_t last = before; last == before || last != testing::bytes_read();) {
    last = testing::bytes_read();
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
    if (testing::bytes_read() - last < 400) return;  // /proc is read, too
  }
}

TEST_F(NodeRowsOf, TheNextWindowIsReadMeanwhileWithinTheSameMemory) {
  comm::SelfCommunicator self;
  NodeRows rows(self, math::ThreadTeam(1), set_, shards::Part::train, 200, shards::Times::kept, 1);
  EXPECT_EQ(rows.ratings().size(), 200U);
  EXPECT_EQ(rows.load(order_, 20, 20), 120U) << "half of what fits";
  wait_for_reading(testing::bytes_read());
  remove_shards(set_);
  EXPECT_EQ(rows.load(order_, 120, 20), 220U);
  std::vector<std::uint64_t> places(100);
  rows.rows_at(order_, 120, places);
  for (std::uint64_t at = 0; at < 100; ++at) {
    std::uint64_t row = 0;
    order_.values(120 + at, {&row, 1});
    EXPECT_EQ(rows.ratings().user[places[at]], training_.user[row]);
  }
  testing::expect_error(ErrorKind::input, ::testing::HasSubstr(shard_name(0)),
                        [&] { rows.load(order_, 220, 20); });
  testing::expect_error(ErrorKind::input, ::testing::HasSubstr(shard_name(0)),
                        [&] { rows.load(order_, 220, 20); });
}

TEST_F(NodeRowsOf, TheStartOfTheNextOrderIsReadMeanwhile) {
  comm::SelfCommunicator self;
  NodeRows rows(self, math::ThreadTeam(1), set_, shards::Part::train, 200, shards::Times::kept, 1);
  EXPECT_EQ(rows.load(order_, 240, 20), 320U);
  const RowOrder next = RowOrder::shuffled(320, 5, 1);
  const std::uint64_t before = testing::bytes_read();
  rows.expect(next, 20);
  wait_for_reading(before);
  remove_shards(set_);
  EXPECT_EQ(rows.load(next, 0, 20), 100U);
}

TEST_F(NodeRowsOf, ADamageThatIsFoundMeanwhileEndsAllRanksAtTheWindowThatHasIt) {
  const auto whole = testing::read_file(shard(1));
  for (const int ranks : {1, 2, 3, 4, 8}) {
    testing::expect_error(ErrorKind::input, ::testing::HasSubstr(shard_name(1)), [&] {
      test::run_ranks(ranks, [&](comm::Communicator& communicator) {
        NodeRows rows(communicator, math::ThreadTeam(1), set_, shards::Part::train, 200,
                      shards::Times::kept, 2);
        if (communicator.rank() == 0) testing::flip_packed_byte(shard(1));
        communicator.barrier();
        rows.load(RowOrder(), 0, 50);  // of the first shard alone
        rows.load(RowOrder(), 100, 50);
      });
    });
    testing::write_file(shard(1), whole);
  }
}

TEST_F(NodeRowsOf, WhatIsLoadedIsNotReadAgain) {
  comm::SelfCommunicator self;
  NodeRows rows(self, math::ThreadTeam(1), set_, shards::Part::train, 100);
  EXPECT_EQ(rows.load(order_, 30, 20), 130U);
  for (std::size_t index = 0; index < set_.manifest().shards.size(); ++index) {
    fs::remove(shard(index));
  }
  EXPECT_EQ(rows.load(order_, 50, 20), 130U);
  EXPECT_EQ(rows.load(order_, 50, 30), 110U) << "whole groups only";
  testing::expect_error(ErrorKind::input, ::testing::HasSubstr(shard_name(0)),
                        [&] { rows.load(order_, 130, 20); });
}

// D07: the order of an epoch is random, yet a shard's chunks are unpacked in the order of the file.
TEST_F(NodeRowsOf, D07AColumnIsUnpackedOnceOrOnceAWindow) {
  std::uint64_t shard_bytes = 0;
  for (std::size_t index = 0; index < set_.manifest().shards.size(); ++index) {
    shard_bytes += fs::file_size(shard(index));
  }
  comm::SelfCommunicator self;
  const auto read_by = [&](NodeRows& rows) {
    const std::uint64_t before = testing::bytes_read();
    for (std::uint64_t first = 0; first < 320; first += 20) rows.load(order_, first, 20);
    return testing::bytes_read() - before;
  };
  constexpr std::uint64_t kLookingItself = 200;  // /proc is read, too
  NodeRows whole(self, math::ThreadTeam(1), set_, shards::Part::train, kAllRows);
  EXPECT_LT(read_by(whole), kLookingItself);
  NodeRows windows(self, math::ThreadTeam(1), set_, shards::Part::train, 80);
  EXPECT_LT(read_by(windows), 4 * shard_bytes + kLookingItself);
}

// Three shards of training ratings; two groups of two blocks and one.
TEST_F(NodeRowsOf, InTheOrderOfBlocksAWindowNeedsTheShardsOfItsGroupsOnly) {
  comm::SelfCommunicator self;
  NodeRows rows(self, math::ThreadTeam(1), set_, shards::Part::train, 319);
  const RowOrder order = RowOrder::of_blocks(rows.blocks(), 5, 0, 1);
  const std::vector<std::size_t> first = order.blocks_of({0, 10}, *rows.blocks());
  ASSERT_EQ(first.size(), 1U);
  const std::uint64_t length = (*rows.blocks())[first[0]].size();
  NodeRows window(self, math::ThreadTeam(1), set_, shards::Part::train, length);
  for (std::size_t index = 0; index < rows.blocks()->size(); ++index) {
    if (index != first[0]) fs::remove(shard(index));
  }
  EXPECT_EQ(window.load(order, 0, length), length);
  testing::expect_error(ErrorKind::input, ::testing::HasSubstr("No such file"),
                        [&] { window.load(order, length, 5); });
}

TEST_F(NodeRowsOf, MoreTogetherThanFitsIsABug) {
  comm::SelfCommunicator self;
  NodeRows rows(self, math::ThreadTeam(1), set_, shards::Part::train, 100);
  testing::expect_error(ErrorKind::internal, ::testing::HasSubstr("101 rows together where 100"),
                        [&] { rows.load(order_, 0, 101); });
}

TEST_F(NodeRowsOf, AFlippedByteEndsAllRanksWithTheShardsNameBeforeAnyWindow) {
  testing::flip_byte(shard(1), fs::file_size(shard(1)) / 2);
  for (const int ranks : {1, 2, 3, 4, 8}) {
    testing::expect_error(ErrorKind::input, ::testing::HasSubstr(shard_name(1)), [&] {
      test::run_ranks(ranks, [&](comm::Communicator& communicator) {
        NodeRows rows(communicator, math::ThreadTeam(1), set_, shards::Part::train, 100);
      });
    });
  }
}

/// Runs `change` on one shard between two windows.
void change_between_windows(comm::Communicator& ranks, const shards::ShardSet& set,
                            const RowOrder& order, const std::function<void()>& change) {
  NodeRows rows(ranks, math::ThreadTeam(1), set, shards::Part::train, 100);
  rows.load(order, 0, 100);
  if (ranks.rank() == 0) change();
  ranks.barrier();
  rows.load(order, 100, 100);
}

TEST_F(NodeRowsOf, AShardWhoseValuesChangeBetweenWindowsEndsAllRanks) {
  const auto path = shard(1);
  const auto whole = testing::read_file(path);
  const auto other = testing::make_tiny_set(folder_ / "other", 10, 13, 400).shard_path(1);
  for (const int ranks : {1, 3}) {
    testing::expect_error(ErrorKind::input, ::testing::HasSubstr(shard_name(1)), [&] {
      test::run_ranks(ranks, [&](comm::Communicator& communicator) {
        // The seal, which would show it, was checked before.
        change_between_windows(communicator, set_, order_,
                               [&] { testing::flip_packed_byte(path); });
      });
    });
    testing::write_file(path, whole);
  }
  testing::expect_error(ErrorKind::input, ::testing::HasSubstr("digest differs"), [&] {
    comm::SelfCommunicator self;
    change_between_windows(self, set_, order_, [&] {
      fs::copy_file(shard(0), path, fs::copy_options::overwrite_existing);
    });
  });
  testing::expect_error(ErrorKind::input, ::testing::HasSubstr(shard_name(1)), [&] {
    comm::SelfCommunicator self;
    testing::write_file(path, whole);
    change_between_windows(self, set_, order_, [&] {
      fs::copy_file(other, path, fs::copy_options::overwrite_existing);
    });
  });
}

TEST_F(NodeRowsOf, AnEqualCopyOfAShardMayTakeItsPlace) {
  const auto path = shard(1);
  test::run_ranks(2, [&](comm::Communicator& communicator) {
    NodeRows rows(communicator, math::ThreadTeam(1), set_, shards::Part::train, 100);
    rows.load(order_, 0, 100);
    if (communicator.rank() == 0) {
      fs::copy_file(path, folder_ / "copy");
      fs::rename(folder_ / "copy", path);
    }
    communicator.barrier();
    expect_each_position(rows, training_, order_, 100, 50);
  });
}

TEST_F(NodeRowsOf, TimesThatNobodyReadsTakeNoMemory) {
  for (const int ranks : {1, 3}) {
    test::run_ranks(ranks, [&](comm::Communicator& communicator) {
      for (const std::uint64_t most : {std::uint64_t{133}, kAllRows}) {
        NodeRows rows(communicator, math::ThreadTeam(1), set_, shards::Part::train, most,
                      shards::Times::none);
        EXPECT_TRUE(rows.ratings().timestamp.empty());
        expect_each_position(rows, training_, {}, 0, 7);
        expect_each_position(rows, training_, order_, 0, 5);
      }
    });
  }
}

constexpr std::uint64_t kRatingBytes = shards::rating_bytes(shards::Times::kept);

RowLimits limits_of(comm::Communicator& ranks, const shards::ShardSet& set, std::uint64_t bytes,
                    std::uint64_t batch_rows) {
  return share_memory(ranks, set, 1, {bytes, batch_rows, shards::Times::kept});
}

TEST_F(NodeRowsOf, MemoryIsSharedOutWithinTheLimit) {
  constexpr std::uint64_t kRow = kRatingBytes;
  comm::SelfCommunicator self;
  EXPECT_EQ(limits_of(self, set_, 0, 150).training, kAllRows);
  EXPECT_EQ(limits_of(self, set_, 400 * kRow, 150).training, kAllRows);
  EXPECT_EQ(limits_of(self, set_, 400 * kRow, 150).evaluation, kAllRows);
  // One shard's 133 rows are room to read in; the least is a batch and a tile beside it.
  EXPECT_EQ(limits_of(self, set_, (133 + 150 + 64) * kRow, 150).training, 150U);
  EXPECT_EQ(limits_of(self, set_, (133 + 150 + 64) * kRow, 150).evaluation, 64U);
  EXPECT_EQ(limits_of(self, set_, 399 * kRow, 10).training, 202U);
  EXPECT_EQ(limits_of(self, set_, 399 * kRow, 10).evaluation, 64U);
  testing::expect_error(ErrorKind::usage,
                        ::testing::HasSubstr(fmt::format("{} bytes are the least", 347 * kRow)),
                        [&] { limits_of(self, set_, 347 * kRow - 1, 150); });
  // Three ranks on one of two nodes, and more rows than the set has: then all of it is the least.
  test::run_ranks(
      4,
      [&](comm::Communicator& ranks) {
        testing::expect_error(
            ErrorKind::usage,
            ::testing::HasSubstr(fmt::format("{} bytes are the least with 3 ranks", 400 * kRow)),
            [&] { limits_of(ranks, set_, 400 * kRow - 1, 150); });
      },
      3);
}

TEST_F(NodeRowsOf, ValidationAndTestShareWhatEvaluationGets) {
  // 20000 ratings: 4000 test, 1600 validation, 14400 train.
  const auto both = testing::make_tiny_set(folder_ / "both", 30, 30, 20000, 0.1);
  comm::SelfCommunicator self;
  const std::uint64_t shard_rows = 20000 / 3;
  const auto small = limits_of(self, both, (shard_rows + 8000) * kRatingBytes, 100);
  EXPECT_EQ(small.training, 7000U);
  EXPECT_EQ(small.evaluation, 500U) << "each of two parts gets half of the eighth";
  EXPECT_EQ(limits_of(self, both, 20000 * kRatingBytes, 100).evaluation, kAllRows);
}

TEST_F(NodeRowsOf, EvaluationTakesAnEighthOfALargeLimit) {
  const auto large = testing::make_tiny_set(folder_ / "large", 30, 30, 20000);
  comm::SelfCommunicator self;
  const std::uint64_t shard_rows = 20000 / 3;
  const auto limits = limits_of(self, large, (shard_rows + 8000) * kRatingBytes, 100);
  EXPECT_EQ(limits.training, 7000U);
  EXPECT_EQ(limits.evaluation, 1000U);
}

TEST_F(NodeRowsOf, WhereWindowsAreReadBesideTwoAreUnpackedAtATimeWithinTheLimit) {
  const auto large = testing::make_tiny_set(folder_ / "large", 30, 30, 20000);
  comm::SelfCommunicator self;
  constexpr std::uint64_t kShardRows = 20000 / 3;
  const auto limits = [&](std::uint64_t rows) {
    return share_memory(self, large, 1, {rows * kRatingBytes, 100, shards::Times::kept, 3});
  };
  EXPECT_EQ(limits(2 * kShardRows + 4000).training, 3500U);
  EXPECT_EQ(limits(2 * kShardRows + 4000).evaluation, 500U);
  EXPECT_EQ(limits(2 * kShardRows + 4000).beside_threads, 1) << "readers have room";
  EXPECT_EQ(limits(2 * kShardRows + 100 + 64).beside_threads, 1);
  const RowLimits tight = limits(2 * kShardRows + 100 + 64 - 1);
  EXPECT_EQ(tight.beside_threads, 0);
  EXPECT_EQ(tight.training + tight.evaluation, kShardRows + 100 + 64 - 1);
}

TEST_F(NodeRowsOf, MoreRatingsFitWithoutTheirTimes) {
  const auto large = testing::make_tiny_set(folder_ / "large", 30, 30, 20000);
  comm::SelfCommunicator self;
  // What is read is unpacked with its times, which the digests cover.
  constexpr std::uint64_t kRoom = std::uint64_t{20000 / 3} * kRatingBytes;
  constexpr std::uint64_t kRow = shards::rating_bytes(shards::Times::none);
  const auto training_rows = [&](std::uint64_t bytes) {
    return share_memory(self, large, 1, {bytes, 100, shards::Times::none}).training;
  };
  EXPECT_EQ(training_rows(20000 * kRow), kAllRows);
  EXPECT_EQ(training_rows(kRoom + 8000 * kRow), 7000U);
  EXPECT_EQ(training_rows(kRoom + (100 + 64) * kRow), 100U);
  EXPECT_THROW(training_rows(kRoom + (100 + 64) * kRow - 1), Error);
}

TEST_F(NodeRowsOf, ThreadsThatReadHaveRoomWithinTheLimit) {
  const auto large = testing::make_tiny_set(folder_ / "large", 30, 30, 20000);
  comm::SelfCommunicator self;
  const std::uint64_t room = 20000 / 3 * kRatingBytes;
  const auto limits = [&](int threads, std::uint64_t bytes) {
    return share_memory(self, large, threads, {bytes, 100, shards::Times::kept});
  };
  const RowLimits one = limits(1, 2 * room);
  const RowLimits four = limits(4, 2 * room);
  EXPECT_EQ(four.readers, 1) << "two would be more than a sixteenth";
  EXPECT_EQ(four.training, one.training);

  shards::ShardSetOptions options;
  options.folder = folder_ / "many";
  options.shard_rows = 100;
  shards::ShardSetWriter writer(options);
  writer.append(shards::Part::train, testing::read_part(large, shards::Part::train).view());
  const auto many = writer.publish(large.manifest(), large.catalogue());
  constexpr std::uint64_t kRooms = 7 * 100 * kRatingBytes;
  const auto of_many = [&](int threads) {
    return share_memory(self, many, threads, {16 * kRooms, 100, shards::Times::kept});
  };
  EXPECT_EQ(of_many(3).readers, 3);
  EXPECT_EQ(of_many(50).readers, 7);
  EXPECT_EQ(of_many(50).training + 7 * 100, 16 * kRooms / kRatingBytes);
}

}  // namespace
}  // namespace nnrec::train
