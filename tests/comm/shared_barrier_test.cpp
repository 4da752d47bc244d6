#include "nnrec/comm/shared_barrier.hpp"

#include <array>
#include <chrono>
#include <string>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "nnrec/base/error.hpp"

namespace nnrec::comm {
namespace {

using namespace std::chrono_literals;

TEST(SharedBarrier, NobodyIsARoundAheadHoweverManyMeet) {
  constexpr int kRounds = 2000;
  using Patience = SharedBarrier::Patience;
  for (const auto& [size, patience] : {std::pair{1, Patience::short_looks},
                                       {2, Patience::long_looks},
                                       {2, Patience::short_looks},
                                       {3, Patience::long_looks},
                                       {8, Patience::short_looks},
                                       {11, Patience::short_looks}}) {
    SharedBarrier::Memory memory{};
    std::vector<int> rounds(static_cast<std::size_t>(size), 0);
    std::atomic<int> wrong = 0;
    std::vector<std::jthread> threads;
    for (int own = 0; own < size; ++own) {
      threads.emplace_back([&, own, size = size, patience = patience] {
        SharedBarrier barrier(memory, size, patience);
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

/// Waits for a rank that never comes; says on `said` how that ended.
[[noreturn]] void wait_in_vain(SharedBarrier::Memory& memory, int said) {
  try {
    SharedBarrier(memory, 2).wait();
  } catch (const PeerError& error) {
    const std::string text = error.what();
    _exit(::write(said, text.data(), text.size()) < 0 ? 1 : 0);
  }
  _exit(2);
}

TEST(SharedBarrier, WhoWaitsForADeadRankEndsOnceItsLauncherIsGone) {
  void* shared = mmap(nullptr, sizeof(SharedBarrier::Memory), PROT_READ | PROT_WRITE,
                      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  ASSERT_NE(shared, MAP_FAILED);
  auto& memory = *static_cast<SharedBarrier::Memory*>(shared);
  std::array<int, 2> said{};
  ASSERT_EQ(pipe(said.data()), 0);
  const pid_t launcher = fork();
  ASSERT_GE(launcher, 0);
  if (launcher == 0) {
    if (fork() == 0) wait_in_vain(memory, said[1]);
    while (memory.sleepers == 0) std::this_thread::sleep_for(1ms);
    _exit(0);
  }
  close(said[1]);
  std::array<char, 400> text{};
  const ssize_t length = read(said[0], text.data(), text.size());  // until the rank ends
  ASSERT_GT(length, 0);
  EXPECT_THAT(std::string(text.data(), static_cast<std::size_t>(length)),
              ::testing::HasSubstr("the process that started this rank (" +
                                   std::to_string(launcher) + ") is gone"));
  close(said[0]);
  waitpid(launcher, nullptr, 0);
  munmap(shared, sizeof(SharedBarrier::Memory));
}

}  // namespace
}  // namespace nnrec::comm
