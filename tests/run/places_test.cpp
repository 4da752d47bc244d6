#include "run/places.hpp"

#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "support/dist_fixture.hpp"
#include "support/expect_error.hpp"

namespace nnrec::run {
namespace {
namespace fs = std::filesystem;

using testing::expect_error;
using ::testing::HasSubstr;

class Places : public testing::DistFixture {
 protected:
  /// Training is refused before it begins, and --preflight says the same.
  void refuse(ErrorKind kind, const std::string& line, const Words& more = {}) const {
    expect_error(kind, HasSubstr(line), [&] { train("run", "basic", 3, more); });
    Words words = arguments("run", "basic", 3, more);
    words.emplace_back("--preflight");
    std::string said;
    expect_error(ErrorKind::io, HasSubstr("of these would stop the run"), [&] {
      testing::run_dist({2, 1, words}, said);
    });
    EXPECT_THAT(said, HasSubstr("FAIL " + line));
  }
  std::string text(const std::string& path) const { return (folder_ / path).string(); }
};

TEST_F(Places, ALinkThatLeadsNowhereIsNamedAndOneThatLeadsSomewhereIsFollowed) {
  fs::create_symlink("later", folder_ / "run");
  refuse(ErrorKind::io, "--run " + text("run") + ": cannot be made: it is a link to later, which");
  fs::create_directory(folder_ / "later");
  fs::create_directory(folder_ / "disk");
  fs::create_symlink("../models", folder_ / "run" / "checkpoints");
  refuse(ErrorKind::io, "--run " + text("run/checkpoints") + ": cannot be made: it is a link to");
  EXPECT_FALSE(fs::exists(folder_ / "run" / "log.txt")) << "nothing is begun";
  fs::create_directory(folder_ / "models");
  train("run", "basic", 1);
  EXPECT_FALSE(fs::is_empty(folder_ / "models"));
}

TEST_F(Places, WhatStandsInTheWayOfAFinishedRunIsNamedAndItsResultStays) {
  train("run", "basic", 2);
  const std::string result = testing::read_file(folder_ / "run" / "result.json");
  const Words sampler = testing::sampled(2);
  const auto refuse_instead = [&](const std::string& name, const std::string& why, bool is_folder,
                                  const Words& more = {}) {
    const fs::path place = folder_ / "run" / name;
    const fs::path away = folder_ / "away";
    if (fs::exists(place)) fs::rename(place, away);
    if (is_folder) {
      fs::create_directory(place);
    } else {
      testing::write_file(place, "");
    }
    refuse(ErrorKind::io, "--run " + place.string() + ": " + why, more);
    EXPECT_EQ(testing::read_file(folder_ / "run" / "result.json"), result) << name;
    fs::remove(place);
    if (fs::exists(away)) fs::rename(away, place);
  };
  refuse_instead("checkpoints", "cannot be made: it is no folder", false);
  Words changed = sampler;
  changed.emplace_back("--allow-changes");
  refuse_instead("samples", "cannot be made: it is no folder", false, changed);
  refuse_instead("log.txt", "is a folder", true);
  refuse_instead("lock", "is a folder", true);
  fs::remove(folder_ / "run" / "lock");
  fs::create_symlink("nowhere/lock", folder_ / "run" / "lock");
  refuse(ErrorKind::io, "--run " + text("run/lock") + ": there is no folder ");
}

TEST_F(Places, AResultThatCannotBeLookedAtIsNamedAndOneThatIsNoneIsNoHindrance) {
  train("run", "basic", 1);
  const fs::path result = folder_ / "run" / "result.json";
  fs::remove(result);
  fs::create_symlink("result.json", result);
  refuse(ErrorKind::io, "--run " + result.string() + ": cannot be read");
  fs::remove(result);
  fs::create_directory(result);
  Words words = arguments("run", "basic", 2, {"--preflight"});
  EXPECT_THAT(testing::run_dist({1, 1, words}), HasSubstr("nothing stands in the way"));
  EXPECT_THAT(train("run", "basic", 2), HasSubstr("set aside as result.json.refused"));
}

TEST_F(Places, AFolderInThePlaceOfTheOptionsIsNamed) {
  fs::create_directories(folder_ / "run" / "options.cfg");
  refuse(ErrorKind::input, "--run " + text("run/options.cfg") + ": is a folder, where a file");
}

TEST_F(Places, TwoNamesOfOneFileAreRefused) {
  const auto with = [&](const std::string& json_log) {
    return Words{"--trace", text("f.json"), "--json-log", json_log};
  };
  const std::string why = ": is the place of --trace: give another place";
  refuse(ErrorKind::usage, "--json-log " + text("./f.json") + why, with(text("./f.json")));
  fs::create_symlink("f.json", folder_ / "link.json");
  refuse(ErrorKind::usage, "--json-log " + text("link.json") + why, with(text("link.json")));
  testing::write_file(folder_ / "f.json", "");
  refuse(ErrorKind::usage, "--json-log " + text("link.json") + why, with(text("link.json")));
  refuse(ErrorKind::usage, "--trace " + text("logs") + ": is the place of --logdir",
         {"--trace", text("logs"), "--logdir", text("logs/")});
  EXPECT_FALSE(fs::exists(folder_ / "run"));
  train("run", "basic", 1, {"--trace", "/dev/null", "--json-log", "/dev/./null"});
}

TEST_F(Places, FilesThatTheRunReadsOrWritesForSomethingElseAreRefused) {
  const auto refuse_all = [&] {
    for (const char* option : {"--trace", "--json-log"}) {
      for (const char* own :
           {"options.cfg", "history.csv", "result.json", "log.txt", "lock", "basic.saved"}) {
        refuse(ErrorKind::usage,
               fmt::format("{} {}: is the run's own {}", option, text("run/./") + own, own),
               {option, text("run/./") + own});
      }
    }
  };
  refuse_all();
  refuse(ErrorKind::usage, "--trace " + text("run/checkpoints") + ": is the run's own checkpoints",
         {"--trace", text("run/checkpoints")});
  EXPECT_FALSE(fs::exists(folder_ / "run"));
  train("run", "basic", 2);
  const std::string options = testing::read_file(folder_ / "run" / "options.cfg");
  refuse_all();
  const std::string last = newest("run", "basic").string();
  refuse(ErrorKind::usage, "--json-log " + last + ": is among the run's own checkpoints",
         {"--json-log", last});
  const std::string manifest = text("set/manifest.h5");
  refuse(ErrorKind::usage, "--trace " + manifest + ": is a file of the data set",
         {"--trace", manifest});
  train("first", "basic", 1);
  const std::string first = newest("first", "basic").string();
  refuse(ErrorKind::usage, "--trace " + first + ": is what --resume reads",
         {"--trace", first, "--resume", first});
  const std::string others = text("first/options.cfg");
  refuse(ErrorKind::usage,
         "--trace " + others + ": is the options.cfg of the run that --warm-start reads",
         {"--trace", others, "--warm-start", text("first")});
  const std::string history = text("first/history.csv");
  refuse(ErrorKind::usage,
         "--json-log " + history + ": is the history.csv of the run that --resume reads",
         {"--json-log", history, "--resume", first});
  refuse(ErrorKind::usage,
         "--json-log " + history + ": is the history.csv of the run that --resume reads",
         {"--json-log", history, "--resume",
          text("first/./checkpoints/./") + newest("first", "basic").filename().string()});
  testing::write_file(folder_ / "my.cfg", "seed = 3\n");
  const std::string mine = text("set/../my.cfg");
  refuse(ErrorKind::usage, "--trace " + mine + ": is what --config reads",
         {"--trace", mine, "--config", text("my.cfg")});
  EXPECT_EQ(testing::read_file(folder_ / "my.cfg"), "seed = 3\n");
  const std::string beside = text("first/checkpoints/trace.json");
  refuse(ErrorKind::usage,
         "--trace " + beside + ": is among the checkpoints of the run that --resume reads",
         {"--trace", beside, "--resume", first});
  const std::string mark = text("run/one_layer.saved");
  refuse(ErrorKind::usage, "--trace " + mark + ": is the run's own one_layer.saved",
         {"--trace", mark});
  // Options from a pipe, and what lies above a run's folder, are in nobody's way.
  const fs::path pipe = folder_ / "pipe";
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  std::thread writer([&] { testing::write_file(pipe, "seed = 3\n"); });
  EXPECT_NO_THROW(train(
      "piped", "basic", 1,
      {"--trace", text("log.txt"), "--config", pipe.string(), "--warm-start", text("first")}));
  writer.join();
  EXPECT_EQ(testing::read_file(folder_ / "run" / "options.cfg"), options);
  EXPECT_NE(verify("run"), "");
}

}  // namespace
}  // namespace nnrec::run
