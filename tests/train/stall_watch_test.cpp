#include "nnrec/train/stall_watch.hpp"

#include <atomic>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/thread_communicator.hpp"

namespace nnrec::train {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;

/// What is said, by hand-over from the watching thread.
class Said {
 public:
  StallWatch::Say sink() {
    return [this](const std::string& text) {
      const std::lock_guard lock(mutex_);
      texts_.push_back(text);
      ++count_;
    };
  }
  void wait_for(std::size_t count) const {
    while (count_ < count) std::this_thread::sleep_for(1ms);
  }
  std::vector<std::string> texts() {
    const std::lock_guard lock(mutex_);
    return texts_;
  }

 private:
  std::mutex mutex_;
  std::vector<std::string> texts_;
  std::atomic<std::size_t> count_ = 0;
};

TEST(StallWatch, NamesTheRankThatTheOthersWaitForOnceUntilItGetsOn) {
  test::run_ranks(3, [](comm::Communicator& ranks) {
    const ProgressBoard board(ranks);
    PhaseClock clock;
    clock.report_to(board.own());
    clock.end(Phase::wait, 41);
    if (ranks.rank() != 1) clock.end(Phase::compute, 41);
    ranks.barrier();
    if (ranks.rank() == 0) {
      Said said;
      const StallWatch watch(board, 20ms, said.sink());
      said.wait_for(1);
      std::this_thread::sleep_for(60ms);
      EXPECT_EQ(said.texts().size(), 1U) << "once";
      EXPECT_THAT(said.texts()[0], HasSubstr("wait for rank 1 in step 41, after its phase 'wait'"));
      clock.end(Phase::wait, 42);
      said.wait_for(2);
    }
    ranks.barrier();
  });
}

TEST(StallWatch, RanksThatAreAllAsFarAreAllNamedAndWaitInAnAgreement) {
  test::run_ranks(2, [](comm::Communicator& ranks) {
    const ProgressBoard board(ranks);
    PhaseClock clock;
    clock.report_to(board.own());
    clock.end(ranks.rank() == 0 ? Phase::save : Phase::evaluate, 7);
    ranks.barrier();
    EXPECT_THAT(describe_stall(board, 300s),
                ::testing::AllOf(HasSubstr("for 300 s"), HasSubstr("wait in an agreement"),
                                 HasSubstr("rank 0 in step 7, after its phase 'save'; rank 1 in "
                                           "step 7, after its phase 'evaluate'")));
    ranks.barrier();
  });
}

TEST(StallWatch, NothingIsSaidWhileAPhaseEndsNowAndThen) {
  test::run_ranks(1, [](comm::Communicator& ranks) {
    const ProgressBoard board(ranks);
    PhaseClock clock;
    clock.report_to(board.own());
    Said said;
    {
      const StallWatch watch(board, 60s, said.sink());
      for (std::uint64_t step = 1; step < 50; ++step) clock.end(Phase::compute, step);
    }
    EXPECT_TRUE(said.texts().empty());
  });
}

}  // namespace
}  // namespace nnrec::train
