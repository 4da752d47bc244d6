// save_benchmark FOLDER [GIGABYTES] [ROUNDS]: how fast a checkpoint is saved. Writes a training
// state of that size, in turn, as plain bytes flushed to the device (through the system's cache and
// past it) and as a checkpoint, and prints the rates and the last one's part of the fastest. Then
// what a save costs training: the seconds of the copy that it is written from.

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <memory>
#include <span>
#include <vector>

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include "nnrec/base/error.hpp"
#include "nnrec/base/stopwatch.hpp"
#include "nnrec/comm/self_communicator.hpp"
#include "nnrec/io/atomic_file.hpp"
#include "nnrec/train/checkpoint.hpp"
#include "nnrec/train/state_copy.hpp"

namespace {

using namespace nnrec;
namespace fs = std::filesystem;

/// In blocks past the system's cache, or through it; false where the file system has no such way.
bool write_plain(const fs::path& path, const train::TrainState& state, int flags) {
  constexpr std::size_t kBlock = std::size_t{1} << 22;
  const auto free = [](void* room) { std::free(room); };
  const std::unique_ptr<void, decltype(free)> block(std::aligned_alloc(4096, kBlock), free);
  fs::remove(path);
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | flags, 0666);
  if (file < 0) return false;
  bool is_written = true;
  for (const auto* set : {&state.parameters, &state.optimizer_state}) {
    auto values = std::as_bytes(set->values(0));
    while (values.size() >= kBlock && is_written) {
      std::memcpy(block.get(), values.data(), kBlock);
      is_written = ::write(file, block.get(), kBlock) == static_cast<ssize_t>(kBlock);
      values = values.subspan(kBlock);
    }
  }
  ::close(file);
  if (is_written) io::flush_to_device(path);
  return is_written;
}

double median(std::vector<double> values) {
  std::ranges::sort(values);
  return values[values.size() / 2];
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    fmt::print(stderr, "usage: save_benchmark FOLDER [GIGABYTES] [ROUNDS]\n");
    return 2;
  }
  const fs::path folder = argv[1];
  fs::create_directories(folder);
  const double gigabytes = argc > 2 ? std::atof(argv[2]) : 1;
  const int rounds = argc > 3 ? std::atoi(argv[3]) : 3;
  constexpr std::size_t kCols = 32;
  nn::ParameterLayout layout;
  layout.add("user", static_cast<std::size_t>(gigabytes * 1e9) / (2 * kCols * sizeof(float)), kCols,
             nn::BlockKind::table, nn::InitialValues::embedding);
  const nn::UpdateRules rules(layout, {});
  comm::SelfCommunicator self;
  const math::ThreadTeam team(0);
  const train::TrainState state = train::initial_state(self, layout, rules, 1);
  std::vector<double> cached;
  std::vector<double> direct;
  std::vector<double> saved;
  for (int round = 0; round < rounds; ++round) {
    fs::remove(folder / "checkpoint.h5");
    Stopwatch watch;
    if (!write_plain(folder / "plain", state, 0)) throw IoError("{}: refuses", folder.string());
    cached.push_back(watch.lap());
    if (write_plain(folder / "plain", state, O_DIRECT)) direct.push_back(watch.lap());
    fs::remove(folder / "plain");
    watch.lap();
    train::save_checkpoint(folder / "checkpoint.h5", state, {}, {});
    saved.push_back(watch.lap());
  }
  train::StateCopy copy(self, team, state);
  std::vector<double> copied;
  for (int round = 0; round < rounds; ++round) {
    const Stopwatch watch;
    copy.take(state);
    copied.push_back(watch.seconds());
  }
  const double plain = std::min(median(cached), direct.empty() ? HUGE_VAL : median(direct));
  fmt::print(
      "{} GB: plain bytes {:.0f} MB/s through the cache{}, a checkpoint {:.0f} MB/s: {:.0f} % "
      "of the faster; training stands still for {:.3f} s\n",
      gigabytes, 1e3 * gigabytes / median(cached),
      direct.empty() ? "" : fmt::format(", {:.0f} past it", 1e3 * gigabytes / median(direct)),
      1e3 * gigabytes / median(saved), 100 * plain / median(saved), median(copied));
  fs::remove(folder / "checkpoint.h5");
  return 0;
}
