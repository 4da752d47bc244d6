#include "support/dist_runs.hpp"

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <sstream>

#include "nnrec/app/dist_command.hpp"
#include "nnrec/base/file_handle.hpp"

#include "support/thread_communicator.hpp"

namespace nnrec::testing {

namespace {

void run_dist(const DistLaunch& launch, const StopSignals& signals, std::string& printed) {
  auto arguments = launch.arguments;
  arguments.insert(arguments.end(), {"--threads", std::to_string(launch.threads)});
  char* text = nullptr;
  std::size_t length = 0;
  FileHandle console(open_memstream(&text, &length));
  const auto end = [&] {
    console.reset();
    const std::unique_ptr<char, decltype(&std::free)> owner(text, &std::free);
    printed.assign(text, length);
  };
  try {
    test::run_ranks(
        launch.ranks,
        [&](comm::Communicator& ranks) {
          Log log = ranks.rank() == 0 ? Log(console.get()) : Log::silent();
          app::dist_command(arguments, ranks, signals, log);
        },
        2);
  } catch (...) {
    end();
    throw;
  }
  end();
}

}  // namespace

std::string run_dist(const DistLaunch& launch) {
  const StopSignals signals;
  return run_dist(launch, signals);
}

std::string run_dist(const DistLaunch& launch, const StopSignals& signals) {
  std::string printed;
  run_dist(launch, signals, printed);
  return printed;
}

void run_dist(const DistLaunch& launch, std::string& printed) {
  const StopSignals signals;
  run_dist(launch, signals, printed);
}

std::string digests(const std::string& output) {
  std::string found;
  std::istringstream lines(output);
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("model digest ")) found += line.substr(13) + "\n";
  }
  return found;
}

std::string history_bits(const std::filesystem::path& run) {
  std::ifstream file(run / "history.csv");
  std::string bits;
  for (std::string line; std::getline(file, line);) {
    std::size_t end = 0;
    for (int column = 0; column < 7; ++column) end = line.find(',', end) + 1;
    bits += line.substr(0, end) + "\n";
  }
  return bits;
}

}  // namespace nnrec::testing
