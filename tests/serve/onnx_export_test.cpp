#include "nnrec/serve/onnx_export.hpp"

#include <map>
#include <set>

#include <onnx/checker.h>
#include <onnx/onnx_pb.h>

#include "nnrec/app/export_command.hpp"
#include "nnrec/io/input_tree.hpp"
#include "nnrec/io/onnx_file.hpp"
#include "nnrec/run/open_model.hpp"

#include "support/answering.hpp"
#include "support/expect_error.hpp"

namespace nnrec::serve {
namespace {

using testing::expect_error;
using ::testing::HasSubstr;
using ::testing::UnorderedElementsAre;

class OnnxExport : public testing::Answering {
 protected:
  /// What the program writes, read by protocol buffers' own library.
  onnx::ModelProto exported(const std::string& run,
                            const std::vector<std::string>& more = {}) const {
    Log log = Log::silent();
    std::vector<std::string> words{path(run), "--to", "onnx", "--output", path(run + ".onnx")};
    words.insert(words.end(), more.begin(), more.end());
    app::export_command(words, log);
    onnx::ModelProto model;
    EXPECT_TRUE(model.ParseFromString(testing::read_file(folder_ / (run + ".onnx"))));
    return model;
  }
  serve::Model trained(const std::string& run) const {
    Log log = Log::silent();
    const auto source = run::find_model(folder_ / run, "", log);
    return run::load_model(source, run::open_training_set(source, ""));
  }
};

std::set<std::string> inputs_of(const onnx::ModelProto& model) {
  std::set<std::string> names;
  for (const auto& input : model.graph().input()) names.insert(input.name());
  return names;
}

class OnnxExportOf : public OnnxExport, public ::testing::WithParamInterface<const char*> {};

// Operators, their attributes, and that every input of a node is made before it: by ONNX itself.
TEST_P(OnnxExportOf, PassesTheCheckerOfOnnx) {
  const std::map<std::string, std::vector<std::string>> runs{
      {"published", {}},
      {"tuned", {"--preset", "tuned"}},
      {"ordinal", {"--preset", "tuned", "--likelihood", "ordinal"}}};
  for (const auto& [run, options] : runs) {
    train(run, GetParam(), 1, options);
    const auto model = exported(run);
    EXPECT_NO_THROW(onnx::checker::check_model(model)) << run;
    EXPECT_EQ(model.graph().output(0).name(), "rating");
  }
}

INSTANTIATE_TEST_SUITE_P(Variants, OnnxExportOf,
                         ::testing::Values("basic", "one_layer", "enriched", "complex", "deep_fm"));

TEST_F(OnnxExport, TablesAreThoseOfTheModel) {
  train("run", "one_layer", 1);
  const auto model = exported("run");
  const auto expected = trained("run");
  std::map<std::string, const onnx::TensorProto*> tensors;
  for (const auto& tensor : model.graph().initializer()) tensors[tensor.name()] = &tensor;
  const auto& blocks = expected.network.layout().blocks();
  for (std::size_t block = 0; block < blocks.size(); ++block) {
    const auto found = tensors.find(blocks[block].name);
    ASSERT_NE(found, tensors.end()) << blocks[block].name;
    const onnx::TensorProto& tensor = *found->second;
    ASSERT_EQ(tensor.dims_size(), 2);
    EXPECT_EQ(static_cast<std::size_t>(tensor.dims(0)), blocks[block].rows);
    EXPECT_EQ(static_cast<std::size_t>(tensor.dims(1)), blocks[block].cols);
    const auto bytes = std::as_bytes(expected.parameters.values(block));
    EXPECT_EQ(tensor.raw_data(),
              std::string(reinterpret_cast<const char*>(bytes.data()), bytes.size()));
  }
  EXPECT_EQ(inputs_of(model), (std::set<std::string>{"user_row", "title_row"}));
  std::map<std::string, std::string> metadata;
  for (const auto& entry : model.metadata_props()) metadata[entry.key()] = entry.value();
  EXPECT_EQ(metadata["model_digest"], expected.digest);
}

TEST_F(OnnxExport, RowsToTryARuntimeByHaveEveryInput) {
  train("run", "complex", 1);
  const auto model = exported("run", {"--rows", "5"});
  const io::InputTree zip(folder_ / "run.onnx.npz");
  std::set<std::string> members;
  for (const std::string& member : zip.paths()) members.insert(member);
  for (const std::string& input : inputs_of(model)) EXPECT_TRUE(members.contains(input + ".npy"));
  EXPECT_THAT(io::read_all(*zip.open("rating.npy")), HasSubstr("'shape': (5,)"));
  expect_error(ErrorKind::usage, HasSubstr("--rows is for --to onnx"), [&] {
    Log log = Log::silent();
    app::export_command({path("run"), "--output", path("x"), "--rows", "5"}, log);
  });
}

TEST(OnnxFile, WhatNoOnnxFileMayHaveIsRefused) {
  io::OnnxFile file;
  // A view of bytes that nobody reads: the size alone is refused.
  file.constant("large", std::span(static_cast<const float*>(nullptr), std::size_t{1} << 29),
                {1 << 29});
  expect_error(ErrorKind::input, HasSubstr("export it to npz or hdf5"),
               [&] { file.write("/nowhere/at/all", "name"); });
}

}  // namespace
}  // namespace nnrec::serve
