#include "support/thread_communicator.hpp"

#include <array>
#include <atomic>
#include <chrono>
#include <limits>
#include <thread>

#include <gtest/gtest.h>

#include "nnrec/base/error.hpp"
#include "nnrec/comm/agreement.hpp"

namespace nnrec::test {
namespace {

/// The error that run_ranks throws, or what says that it threw none.
Error error_of(int size, const std::function<void(comm::Communicator&)>& work,
               int ranks_per_node = 0) {
  try {
    run_ranks(size, work, ranks_per_node);
  } catch (const Error& error) {
    return error;
  }
  return Error(ErrorKind::internal, "no error");
}

void call_sum(comm::Communicator& ranks, std::size_t count = 1) {
  std::vector<std::int64_t> values(count);
  ranks.sum(values);
}

TEST(ThreadCommunicator, RanksRunAndAreWaitedFor) {
  std::atomic<int> ran = 0;
  run_ranks(5, [&](comm::Communicator& ranks) { ran += 1 << (4 * ranks.rank()); });
  EXPECT_EQ(ran.load(), 0x11111);
}

TEST(ThreadCommunicator, AnotherCallIsNamedOnAllRanks) {
  std::array<std::string, 3> errors;
  const Error error = error_of(3, [&](comm::Communicator& ranks) {
    try {
      if (ranks.rank() == 2) ranks.broadcast({}, 0);
      call_sum(ranks);
    } catch (const PeerError& peer) {
      errors[static_cast<std::size_t>(ranks.rank())] = peer.what();
      throw;
    }
  });
  EXPECT_EQ(error.kind(), ErrorKind::peer);
  for (const auto& text : errors)
    EXPECT_EQ(text, "rank 2 called broadcast while rank 0 called sum");
}

TEST(ThreadCommunicator, AnotherCountIsNamed) {
  const Error error =
      error_of(4, [](comm::Communicator& ranks) { call_sum(ranks, ranks.rank() == 3 ? 11 : 10); });
  EXPECT_STREQ(error.what(), "rank 3 called sum of 11 while rank 0 called sum of 10");
}

TEST(ThreadCommunicator, AnotherRootIsNamed) {
  const Error error =
      error_of(2, [](comm::Communicator& ranks) { ranks.broadcast({}, ranks.rank()); });
  EXPECT_STREQ(error.what(),
               "rank 1 called broadcast from root 1 while rank 0 called broadcast from root 0");
}

TEST(ThreadCommunicator, LeavingEarlyIsNamed) {
  const Error error = error_of(2, [](comm::Communicator& ranks) {
    if (ranks.rank() == 0) ranks.barrier();
  });
  EXPECT_EQ(error.kind(), ErrorKind::peer);
  EXPECT_STREQ(error.what(), "rank 1 left while rank 0 called barrier");
}

TEST(ThreadCommunicator, LeavingLongBeforeTheOthersCallIsNamed) {
  const Error error = error_of(2, [](comm::Communicator& ranks) {
    if (ranks.rank() == 1) return;
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    ranks.barrier();
  });
  EXPECT_STREQ(error.what(), "rank 1 left while rank 0 called barrier");
}

TEST(ThreadCommunicator, TheFirstRealErrorIsRethrown) {
  std::atomic<int> peer_errors = 0;
  const Error error = error_of(8, [&](comm::Communicator& ranks) {
    if (ranks.rank() == 6) throw InputError("u.data:1");
    try {
      call_sum(ranks);
    } catch (const PeerError& peer) {
      EXPECT_STREQ(peer.what(), "rank 6 failed: u.data:1");
      ++peer_errors;
      throw;
    }
  });
  EXPECT_EQ(error.kind(), ErrorKind::input);
  EXPECT_STREQ(error.what(), "u.data:1");
  EXPECT_EQ(peer_errors.load(), 7);
}

TEST(ThreadCommunicator, TheLowestRankOfSeveralRealErrorsIsRethrown) {
  const Error error = error_of(4, [](comm::Communicator& ranks) {
    ranks.barrier();
    if (ranks.rank() != 0) throw InputError("error of {}", ranks.rank());
  });
  EXPECT_STREQ(error.what(), "error of 1");
}

TEST(ThreadCommunicator, AForeignExceptionIsRethrownAsItIs) {
  EXPECT_THROW(run_ranks(3,
                         [](comm::Communicator& ranks) {
                           if (ranks.rank() == 1) throw std::out_of_range("index");
                           ranks.barrier();
                         }),
               std::out_of_range);
}

TEST(ThreadCommunicator, ACallWithinTheNodeAgainstACallOfAllIsNamed) {
  const Error error = error_of(
      4,
      [](comm::Communicator& ranks) {
        if (ranks.rank() == 3) {
          std::this_thread::sleep_for(std::chrono::milliseconds(10));
          ranks.node_barrier();
        }
        ranks.barrier();
      },
      2);
  EXPECT_STREQ(error.what(), "rank 3 called node_barrier while rank 2 called barrier");
}

TEST(ThreadCommunicator, NodesMeetWithoutEachOther) {
  std::atomic<bool> first_node_done = false;
  run_ranks(
      4,
      [&](comm::Communicator& ranks) {
        if (ranks.rank() >= 2)
          while (!first_node_done) std::this_thread::yield();
        ranks.node_barrier();
        if (ranks.rank() == 0) first_node_done = true;
      },
      2);
  SUCCEED();
}

TEST(ThreadCommunicator, EveryNodeHasItsOwnArray) {
  run_ranks(
      5,
      [](comm::Communicator& ranks) {
        const auto bytes = ranks.node_array(1);
        if (ranks.node_rank() == 0) bytes[0] = static_cast<std::byte>(ranks.rank());
        ranks.node_barrier();
        EXPECT_EQ(static_cast<int>(bytes[0]), ranks.rank() / 2 * 2);
        EXPECT_EQ(ranks.node_size(), ranks.rank() == 4 ? 1 : 2);
      },
      2);
}

TEST(ThreadCommunicator, AnArrayBeyondMemoryIsAnIoErrorOnAllRanks) {
  std::atomic<int> io_errors = 0;
  run_ranks(3, [&](comm::Communicator& ranks) {
    try {
      ranks.node_array(std::numeric_limits<std::size_t>::max());
    } catch (const IoError&) {
      ++io_errors;
    }
    ranks.barrier();
  });
  EXPECT_EQ(io_errors.load(), 3);
}

TEST(ThreadCommunicator, AnAgreedErrorReachesEveryRankThoughTheFirstLeavesAtOnce) {
  for (int round = 0; round < 50; ++round) {
    std::atomic<int> agreed = 0;
    const Error error = error_of(4, [&](comm::Communicator& ranks) {
      try {
        comm::agree(ranks, [&] {
          if (ranks.rank() == 2) throw UsageError("no");
        });
      } catch (const comm::AgreedError&) {
        ++agreed;
        throw;
      }
    });
    EXPECT_STREQ(error.what(), "rank 2: no");
    EXPECT_EQ(agreed.load(), 4);
  }
}

TEST(ThreadCommunicator, NoRanksAreRefused) {
  EXPECT_EQ(error_of(0, [](comm::Communicator&) {}).kind(), ErrorKind::internal);
}

}  // namespace
}  // namespace nnrec::test
