#include "nnrec/comm/shared_barrier.hpp"

#include <chrono>
#include <thread>
#include <vector>

#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

namespace nnrec::comm {
namespace {

using namespace std::chrono_literals;

TEST(SharedBarrier, NobodyIsARoundAheadHoweverManyMeet) {
  constexpr int kRounds = 2000;
  for (const int size : {1, 2, 3, 8, 11}) {
    SharedBarrier::Memory memory{};
    std::vector<int> rounds(static_cast<std::size_t>(size), 0);
    std::atomic<int> wrong = 0;
    std::vector<std::jthread> threads;
    for (int own = 0; own < size; ++own) {
      threads.emplace_back([&, own] {
        SharedBarrier barrier(memory, size);
        for (int round = 1; round <= kRounds; ++round) {
          rounds[static_cast<std::size_t>(own)] = round;
          barrier.wait();
          for (const int other : rounds) wrong += other != round ? 1 : 0;
          barrier.wait();  // nobody writes what another still reads
        }
      });
    }
    threads.clear();
    EXPECT_EQ(wrong, 0) << size;
  }
}

TEST(SharedBarrier, WhoSleepsIsWoken) {
  SharedBarrier::Memory memory{};
  std::jthread sleeper([&] { SharedBarrier(memory, 2).wait(); });
  while (memory.sleepers == 0) std::this_thread::sleep_for(1ms);
  std::this_thread::sleep_for(5ms);
  SharedBarrier(memory, 2).wait();
  sleeper.join();
  EXPECT_EQ(memory.sleepers, 0U);
}

TEST(SharedBarrier, ProcessesMeetInSharedMemory) {
  void* shared = mmap(nullptr, sizeof(SharedBarrier::Memory) + sizeof(int), PROT_READ | PROT_WRITE,
                      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  ASSERT_NE(shared, MAP_FAILED);
  auto& memory = *static_cast<SharedBarrier::Memory*>(shared);
  auto* value = reinterpret_cast<int*>(&memory + 1);
  const pid_t child = fork();
  ASSERT_GE(child, 0);
  SharedBarrier barrier(memory, 2);
  if (child == 0) {
    std::this_thread::sleep_for(20ms);  // the parent sleeps
    *value = 42;
    barrier.wait();
    barrier.wait();
    _exit(*value == 43 ? 0 : 1);
  }
  barrier.wait();
  EXPECT_EQ(*value, 42);
  *value = 43;
  barrier.wait();
  int status = -1;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
  munmap(shared, sizeof(SharedBarrier::Memory) + sizeof(int));
}

}  // namespace
}  // namespace nnrec::comm
