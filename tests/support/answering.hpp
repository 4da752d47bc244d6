#pragma once

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "nnrec/app/prep_command.hpp"
#include "nnrec/base/file_handle.hpp"
#include "nnrec/base/log.hpp"

#include "support/dist_fixture.hpp"

namespace nnrec::testing {

/// Asks programs that answer with a trained model: trains runs in its folder as DistFixture does.
class Answering : public DistFixture {
 protected:
  using Command = std::function<void(const std::vector<std::string>&, std::FILE*, Log&)>;

  /// What the command writes for other programs; log() has what it says to a person, also when it
  /// throws.
  std::string ask(const Command& command, const Words& words) const {
    char* text = nullptr;
    std::size_t length = 0;
    FileHandle console(open_memstream(&text, &length));
    const auto written = [&] {
      console.reset();
      std::string copy(text, length);
      std::free(text);
      return copy;
    };
    std::filesystem::remove(folder_ / "log");
    Log log = Log::silent();
    log.open_file(folder_ / "log");
    try {
      command(words, console.get(), log);
    } catch (...) {
      written();
      throw;
    }
    return written();
  }
  std::string log() const { return read_file(folder_ / "log"); }
  std::string path(std::string_view name) const { return (folder_ / name).string(); }
  std::string file(std::string_view name, std::string_view text) const {
    write_file(folder_ / name, text);
    return path(name);
  }
  /// Replaces the set by one of this file of ratings, all of them for training.
  void prepare(const std::filesystem::path& ratings, const Words& more = {"--test-fraction", "0"}) {
    std::filesystem::remove_all(folder_ / "set");
    Words words{"--input", ratings.string(), "--output", path("set")};
    words.insert(words.end(), more.begin(), more.end());
    Log log = Log::silent();
    app::prep_command(words, log);
  }
};

}  // namespace nnrec::testing
