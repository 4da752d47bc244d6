#pragma once

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "nnrec/io/h5_file.hpp"
#include "nnrec/io/sealed_file.hpp"
#include "nnrec/run/checkpoints.hpp"

#include "support/dist_runs.hpp"
#include "support/temporary_folder.hpp"
#include "support/tiny_data.hpp"

namespace nnrec::testing {

/// Options: all that decides how parameters move, at once. Of five batches an epoch, three make a
/// step and the last two another one.
inline std::vector<std::string> many_rules() {
  return {"--optimizer",     "adamw:beta2=0.99,decay=0.05",
          "--group",         "tables:optimizer=rowwise_adagrad,rate=0.05,l2=0.001",
          "--group",         "*bias:optimizer=momentum,nesterov=yes,rate_factor=0.5",
          "--learning-rate", "0.01",
          "--rate-schedule", "cosine:end=0.1",
          "--warm-up",       "3steps",
          "--clip-norm",     "0.8",
          "--ema",           "0.3",
          "--accumulate",    "3",
          "--embedding-dim", "12",
          "--hidden",        "20,10,5"};
}

/// Options: a sampled run that averages its models from the third epoch on and keeps `samples`, or
/// none.
inline std::vector<std::string> sampled(int samples) {
  return {"--optimizer",     "adam",
          "--learning-rate", "0.03",
          "--biases",        "yes",
          "--sampler",       "sgld:step=0.05,warm_up=1,burn_in=2",
          "--keep-samples",  std::to_string(samples)};
}

inline constexpr std::size_t kSealBytes = 85;

/// Makes the first number of a data set of floats NaN, and seals the file again: a state that errs
/// though its digests are right.
inline void put_nan(const std::filesystem::path& sealed, const std::string& name) {
  const auto values = io::H5Reader(sealed).read<float>(name);
  std::string bytes = read_file(sealed);
  const auto at = bytes.find(std::string_view(reinterpret_cast<const char*>(values.data()),
                                              values.size() * sizeof(float)));
  ASSERT_NE(at, std::string::npos);
  const float nan = std::numeric_limits<float>::quiet_NaN();
  std::memcpy(bytes.data() + at, &nan, sizeof nan);
  write_file(sealed, bytes.substr(0, bytes.size() - kSealBytes));
  io::append_seal(sealed);
}

/// Runs of nnrec_dist on 320 training ratings in batches of 64: an epoch has 5 steps.
class DistFixture : public ::testing::Test {
 protected:
  using Words = std::vector<std::string>;

  DistFixture() { make_tiny_set(folder_ / "set", 11, 13, 400); }

  /// `run`: a name; `more`: further options, which may repeat none of these.
  Words arguments(const std::string& run, const std::string& variant, int epochs,
                  const Words& more = {}) const {
    Words words{"--data",    (folder_ / "set").string(),
                "--run",     (folder_ / run).string(),
                "--batch",   "64",
                "--epochs",  std::to_string(epochs),
                "--variant", variant};
    words.insert(words.end(), more.begin(), more.end());
    return words;
  }
  std::string train(const std::string& run, const std::string& variant, int epochs,
                    const Words& more = {}) const {
    return run_dist({1, 1, arguments(run, variant, epochs, more)});
  }
  /// From here on the set has a validation part too: 256 training ratings, 4 steps an epoch.
  void cut_validation() const {
    std::filesystem::remove_all(folder_ / "set");
    make_tiny_set(folder_ / "set", 11, 13, 400, 0.2);
  }
  std::string verify(const std::string& run) const {
    return run_dist({1, 1, {"--verify", (folder_ / run).string()}});
  }
  std::vector<std::uint64_t> saved_steps(const std::string& run, const std::string& variant) const {
    std::vector<std::uint64_t> steps;
    for (const auto& saved : run::find_checkpoints(folder_ / run, variant))
      steps.push_back(saved.step);
    return steps;
  }
  std::filesystem::path newest(const std::string& run, const std::string& variant) const {
    return run::find_checkpoints(folder_ / run, variant).back().path;
  }
  /// From here on the newest checkpoint says that its build had another value of `fact`.
  void change_build(const std::string& run, const std::string& variant,
                    const std::string& fact) const {
    const auto path = newest(run, variant);
    std::string bytes = read_file(path);
    const auto at = bytes.find(fact + " = ");
    ASSERT_NE(at, std::string::npos);
    bytes[at + fact.size() + 3] = '~';
    write_file(path, bytes.substr(0, bytes.size() - kSealBytes));
    io::append_seal(path);
  }

  TemporaryFolder folder_;
};

}  // namespace nnrec::testing
