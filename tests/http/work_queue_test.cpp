#include "nnrec/http/work_queue.hpp"

#include <array>
#include <atomic>
#include <future>

#include <gtest/gtest.h>

namespace nnrec::http {
namespace {

TEST(WorkQueue, WhatWaitsIsBounded) {
  std::promise<void> begun;
  std::promise<void> gate;
  auto open = gate.get_future().share();
  std::atomic<int> done = 0;
  {
    WorkQueue queue(1, 2);
    ASSERT_TRUE(queue.offer([&](std::size_t) {
      begun.set_value();
      open.wait();
      ++done;
    }));
    begun.get_future().wait();
    EXPECT_TRUE(queue.offer([&](std::size_t) { ++done; }));
    EXPECT_TRUE(queue.offer([&](std::size_t) { ++done; }));
    EXPECT_FALSE(queue.offer([&](std::size_t) { ++done; }));
    EXPECT_EQ(queue.waiting(), 2U);
    gate.set_value();
  }
  EXPECT_EQ(done, 3) << "what was taken is done before the queue ends";
}

TEST(WorkQueue, TwoWorksOfOneWorkerNeverOverlap) {
  constexpr std::size_t kWorkers = 3;
  std::array<std::atomic<int>, kWorkers> inside{};
  std::atomic<int> overlaps = 0;
  {
    WorkQueue queue(kWorkers, 1000);
    for (int i = 0; i < 1000; ++i) {
      queue.offer([&](std::size_t worker) {
        if (++inside.at(worker) != 1) ++overlaps;
        --inside.at(worker);
      });
    }
  }
  EXPECT_EQ(overlaps, 0);
}

}  // namespace
}  // namespace nnrec::http
