#include "side_threads.hpp"

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <system_error>
#include <thread>
#include <vector>

#include "nnrec/base/cores.hpp"

namespace nnrec::io {
namespace {

constexpr std::size_t kMostThreads = 4;

}  // namespace

std::size_t side_threads() {
  const std::size_t cores = allowed_cores().size();
  return cores == 0 ? kMostThreads : std::min(cores + 1, kMostThreads);
}

void for_each_piece(std::size_t pieces, std::size_t threads,
                    const std::function<void(std::size_t piece, std::size_t thread)>& work) {
  std::atomic<std::size_t> next{0};
  std::mutex mutex;
  std::exception_ptr failure;
  const auto work_off = [&](std::size_t thread) {
    for (std::size_t piece = next++; piece < pieces; piece = next++) {
      try {
        work(piece, thread);
      } catch (...) {
        next = pieces;
        const std::lock_guard guard(mutex);
        if (!failure) failure = std::current_exception();
      }
    }
  };
  {
    std::vector<std::jthread> others;
    const std::size_t count = std::min(threads, pieces);
    try {
      for (std::size_t thread = 1; thread < count; ++thread) others.emplace_back(work_off, thread);
    } catch (const std::system_error&) {  // no more threads to have: fewer do all of it
    }
    work_off(0);
  }
  if (failure) std::rethrow_exception(failure);
}

}  // namespace nnrec::io
