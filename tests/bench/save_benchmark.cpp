// save_benchmark FOLDER [GIGABYTES] [ROUNDS]: how fast a checkpoint is saved. Writes a training
// state of that size, in turn, as plain bytes flushed to the device and as a checkpoint, and prints
// both rates and their ratio. Then what a save costs training: the seconds of the copy that it is
// written from.

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <vector>

#include <fmt/format.h>

#include "nnrec/base/error.hpp"
#include "nnrec/base/file_handle.hpp"
#include "nnrec/base/stopwatch.hpp"
#include "nnrec/comm/self_communicator.hpp"
#include "nnrec/io/atomic_file.hpp"
#include "nnrec/train/checkpoint.hpp"
#include "nnrec/train/state_copy.hpp"

namespace {

using namespace nnrec;
namespace fs = std::filesystem;

void write_plain(const fs::path& path, const train::TrainState& state) {
  {
    const FileHandle file(std::fopen(path.c_str(), "wb"));
    if (!file) throw IoError("{}: cannot be opened", path.string());
    for (const auto* set : {&state.parameters, &state.optimizer_state}) {
      const auto values = set->values(0);
      if (std::fwrite(values.data(), 1, values.size_bytes(), file.get()) != values.size_bytes())
        throw IoError("{}: cannot be written", path.string());
    }
  }
  io::flush_to_device(path);
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
  std::vector<double> plain;
  std::vector<double> saved;
  for (int round = 0; round < rounds; ++round) {
    fs::remove(folder / "plain");
    fs::remove(folder / "checkpoint.h5");
    Stopwatch watch;
    write_plain(folder / "plain", state);
    plain.push_back(watch.lap());
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
  fmt::print(
      "{} GB: plain bytes {:.0f} MB/s, a checkpoint {:.0f} MB/s: {:.0f} % of the device's rate; "
      "training stands still for {:.3f} s\n",
      gigabytes, 1e3 * gigabytes / median(plain), 1e3 * gigabytes / median(saved),
      100 * median(plain) / median(saved), median(copied));
  fs::remove(folder / "plain");
  fs::remove(folder / "checkpoint.h5");
  return 0;
}
