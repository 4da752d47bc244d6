#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

// Who changes src/room/thing.cpp looks for its tests in tests/room/thing_test.cpp.

namespace nnrec::test {
namespace {

namespace fs = std::filesystem;
using ::testing::IsEmpty;

/// Sources without a test file of their own, by the one that holds them (neither with folder nor
/// ending): "room/things/" stands for all of a registry's folder. Strike out what has got its own.
const std::map<std::string, std::vector<std::string>>& held_by() {
  static const std::map<std::string, std::vector<std::string>> all{
      {"app/prep/prep_command",
       {"app/prep/describe_set", "app/prep/prep_options", "app/prep/prep_report",
        "import/rating_rules", "prepare/prepare", "prepare/split_facts"}},
      {"app/recommend/recommend_command",
       {"app/recommend/lists", "app/recommend/recommend_options", "serve/item_list",
        "serve/similar_items"}},
      {"app/report/report_command",
       {"app/output/gnuplot", "app/output/text_table", "app/report/chart", "app/report/published",
        "app/report/reported_run", "app/report/results"}},
      {"app/report/page", {"app/report/runs_table"}},
      {"app/serve/serve_command",
       {"app/serve/asked_pairs", "app/serve/http_answers", "app/serve/model_watch",
        "app/serve/parameters", "app/serve/serve_options", "app/serve/served_model"}},
      {"app/tune/tune_command", {"app/tune/trial_chart", "app/tune/tune_options"}},
      {"comm/communicator", {"comm/aligned_bytes", "comm/self_communicator"}},
      {"http/server", {"http/session"}},
      {"import/file_choice", {"import/file_view", "import/other_kinds"}},
      {"import/formats", {"import/formats/", "import/catalogue_lines", "import/named_catalogue"}},
      {"import/json_reader", {"import/json_layout", "import/json_records", "import/json_shape"}},
      {"import/matrix_reader", {"import/matrix_layout"}},
      {"import/rating_ingest",
       {"import/delimited_reader", "import/plain_lines", "import/rating_sink",
        "import/reject_file"}},
      {"import/rating_layout", {"import/head_table", "import/layout_finder"}},
      {"io/h5_file", {"io/h5_handle", "io/h5_reader", "io/h5_writer"}},
      {"io/input_tree", {"io/byte_source"}},
      {"io/sealed_write", {"io/side_threads"}},
      {"math/kernels", {"math/kernels/"}},
      {"models/golden", {"models/"}},
      {"nn/layers", {"nn/dropout", "nn/graph", "nn/layers/"}},
      {"nn/optimizer", {"nn/optimizers/"}},
      {"app/eval/eval_command",
       {"app/eval/eval_options", "app/eval/ranking_tables", "serve/error_tables",
        "serve/evaluated_rows", "serve/table"}},
      {"app/export/export_command", {"serve/export"}},
      {"app/predict/predict_command", {"serve/answers", "serve/predictor"}},
      {"run/train_run", {"run/error_lines", "run/step_lines", "run/variant_training"}},
      {"serve/item_scores", {"serve/model"}},
      {"serve/onnx_export", {"io/onnx_file"}},
      {"serve/training_facts", {"serve/part_rows"}},
      {"shards/shard_set", {"shards/manifest_file", "shards/shard_set_writer"}},
      {"synthetic/writer",
       {"synthetic/catalogue", "synthetic/layouts", "synthetic/runs", "synthetic/shards",
        "synthetic/text"}},
      {"train/exchange", {"train/owner_exchange"}},
      {"train/node_rows", {"train/node_ratings"}},
  };
  return all;
}

/// The files below `root` that end in `ending`, without it, relative to `root`, in order.
std::set<std::string> files_below(const fs::path& root, const std::string& ending) {
  std::set<std::string> found;
  for (const auto& entry : fs::recursive_directory_iterator(root)) {
    const std::string path = fs::relative(entry.path(), root).string();
    if (path.ends_with(ending)) found.insert(path.substr(0, path.size() - ending.size()));
  }
  return found;
}

/// Programs and MPI are tested by launching them.
bool is_launched(const std::string& source) {
  return source.starts_with("programs/") || source.starts_with("mpi/");
}

class Mirror : public ::testing::Test {
 protected:
  const fs::path tree_ = NNREC_SOURCE_DIR;
  const std::set<std::string> sources_ = files_below(tree_ / "src", ".cpp");
  const std::set<std::string> tests_ = files_below(tree_ / "tests", "_test.cpp");
};

TEST_F(Mirror, EverySourceHasItsTestFile) {
  std::set<std::string> held;
  for (const auto& [test, sources] : held_by()) held.insert(sources.begin(), sources.end());
  std::vector<std::string> found;
  for (const std::string& source : sources_) {
    const std::string folder = source.substr(0, source.rfind('/') + 1);
    if (is_launched(source) || tests_.contains(source)) continue;
    if (held.contains(source) || held.contains(folder)) continue;
    found.push_back(fmt::format("src/{0}.cpp has no tests/{0}_test.cpp", source));
  }
  EXPECT_THAT(found, IsEmpty());
}

TEST_F(Mirror, WhatIsHeldElsewhereHasNoTestFileYet) {
  std::vector<std::string> found;
  for (const auto& [test, sources] : held_by()) {
    if (!tests_.contains(test))
      found.push_back(fmt::format("tests/{}_test.cpp is not there", test));
    for (const std::string& source : sources) {
      const bool is_folder = source.ends_with('/');
      if (is_folder ? !fs::exists(tree_ / "src" / source) : !sources_.contains(source))
        found.push_back(fmt::format("src/{} is not there: strike it out here", source));
      if (tests_.contains(source))
        found.push_back(fmt::format("src/{} has its own test: strike it out here", source));
    }
  }
  EXPECT_THAT(found, IsEmpty());
}

/// A test file that is named otherwise is not compiled, and nobody misses it.
TEST_F(Mirror, EveryFileInARoomOfTestsIsBuilt) {
  static const std::set<std::string> others{"bench", "fuzz", "mpi", "support"};
  std::vector<std::string> found;
  for (const std::string& file : files_below(tree_ / "tests", ".cpp")) {
    const bool is_built =
        file.ends_with("_test") || others.contains(file.substr(0, file.find('/')));
    if (!is_built) found.push_back(fmt::format("tests/{}.cpp does not end in _test.cpp", file));
  }
  EXPECT_THAT(found, IsEmpty());
}

}  // namespace
}  // namespace nnrec::test
