#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "nnrec/import/raw_catalogue.hpp"
#include "nnrec/shards/shard_set.hpp"

#include "support/expect_error.hpp"
#include "support/temporary_folder.hpp"
#include "support/tiny_data.hpp"

namespace nnrec::testing {

/// Puts files into nnrec_prep: inputs of tests/cases, by their path there, or others.
class Cases : public ::testing::Test {
 public:
  using Options = std::vector<std::string>;

 protected:
  static std::filesystem::path path_of(const std::string& input);
  static std::string bytes_of(const std::string& input) { return read_file(path_of(input)); }

  /// Prepares what lies at a path, without test part unless `options` say otherwise.
  shards::ShardSet prep_path(const std::filesystem::path& path,
                             Options options = {"--test-fraction", "0"});
  shards::ShardSet prep(const std::string& input, Options options = {"--test-fraction", "0"}) {
    return prep_path(path_of(input), std::move(options));
  }
  /// Prepares a file of this name and text.
  shards::ShardSet prep_text(const std::string& name, const std::string& text,
                             Options options = {"--test-fraction", "0"}) {
    return prep_path(write(name, text), std::move(options));
  }
  /// Writes a file of the test's own, below a folder of inputs.
  std::filesystem::path write(const std::string& name, const std::string& text);

  template <typename Matcher>
  void expect_path_refused(const std::filesystem::path& path, const Options& options,
                           const Matcher& message) {
    std::filesystem::remove_all(folder_ / "set");
    expect_error(ErrorKind::input, message, [&] { prep_path(path, options); });
    EXPECT_FALSE(std::filesystem::exists(folder_ / "set"));
  }
  template <typename Matcher>
  void expect_refused(const std::string& input, const Options& options, const Matcher& message) {
    expect_path_refused(path_of(input), options, message);
  }
  template <typename Matcher>
  void expect_text_refused(const std::string& name, const std::string& text, const Options& options,
                           const Matcher& message) {
    expect_path_refused(write(name, text), options, message);
  }

  /// What a format makes of one of the inputs, under the name that it has there.
  static importing::RawCatalogue catalogue_of(const char* format, const char* name,
                                              const std::string& input);
  static std::vector<float> ratings(const shards::ShardSet& set,
                                    shards::Part part = shards::Part::train) {
    return read_part(set, part).rating;
  }
  /// "user item rating time" of every train row, in order; without the time where there is none.
  static std::vector<std::string> rows(const shards::ShardSet& set);

  TemporaryFolder folder_;
  std::string text_;  ///< what was printed
};

}  // namespace nnrec::testing
