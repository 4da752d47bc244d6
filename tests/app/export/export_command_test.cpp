#include "nnrec/app/export_command.hpp"

#include <cstring>
#include <sstream>

#include "nnrec/io/h5_file.hpp"
#include "nnrec/io/input_tree.hpp"
#include "nnrec/run/open_model.hpp"

#include "support/answering.hpp"
#include "support/expect_error.hpp"

namespace nnrec::app {
namespace {

using ::testing::ElementsAreArray;
using testing::expect_error;
using ::testing::HasSubstr;
using ::testing::UnorderedElementsAre;

class ExportCommand : public testing::Answering {
 protected:
  void export_to(const std::string& format, const std::string& name,
                 const std::string& variant) const {
    Log log = Log::silent();
    export_command({path(variant), "--to", format, "--output", path(name)}, log);
  }
  serve::Model model(const std::string& run) const {
    Log log = Log::silent();
    const auto source = run::find_model(folder_ / run, "", log);
    return run::load_model(source, run::open_training_set(source, ""));
  }
};

std::vector<std::vector<std::string>> fields_of(const std::filesystem::path& path) {
  std::istringstream text(testing::read_file(path));
  std::vector<std::vector<std::string>> rows;
  for (std::string line; std::getline(text, line);) {
    std::istringstream cut(line);
    rows.emplace_back();
    for (std::string field; std::getline(cut, field, '\t');) rows.back().push_back(field);
  }
  return rows;
}

std::vector<float> user_row(const serve::Model& model, std::size_t row) {
  const auto& blocks = model.network.layout().blocks();
  const auto block = std::ranges::find(blocks, "user", &nn::Block::name) - blocks.begin();
  const auto table = model.parameters.matrix(static_cast<std::size_t>(block));
  return {table.row(row), table.row(row) + table.cols};
}

TEST_F(ExportCommand, VectorsStandInTheOrderOfTheirIds) {
  train("one_layer", "one_layer", 1);
  export_to("tsv", "out", "one_layer");
  const auto trained = model("one_layer");
  const auto vectors = fields_of(folder_ / "out/user_vectors.tsv");
  const auto ids = fields_of(folder_ / "out/user_metadata.tsv");
  ASSERT_EQ(vectors.size(), 11U) << "without the row of unknown users";
  ASSERT_EQ(ids.size(), 12U) << "with a header";
  for (std::size_t user = 0; user < 11; ++user) {
    EXPECT_EQ(ids[user + 1][0], trained.set.catalogue().user_ids[user]);
    std::vector<float> numbers;
    for (const std::string& field : vectors[user]) numbers.push_back(std::stof(field));
    EXPECT_THAT(numbers, ElementsAreArray(user_row(trained, user + 1)));
  }
}

TEST_F(ExportCommand, ItemsThatShareATitleStandTogether) {
  train("basic", "basic", 1);
  export_to("tsv", "out", "basic");
  const auto titles = fields_of(folder_ / "out/title_metadata.tsv");
  ASSERT_EQ(titles.size(), 13U) << "13 items have 12 titles";
  std::vector<std::string> shared;
  std::uint64_t ratings = 0;
  for (std::size_t row = 1; row < titles.size(); ++row) {
    if (titles[row][1].find('|') != std::string::npos) shared.push_back(titles[row][1]);
    ratings += std::stoull(titles[row][2]);
  }
  ASSERT_EQ(shared.size(), 1U);
  EXPECT_TRUE(shared[0] == "i1|i2" || shared[0] == "i2|i1") << shared[0];
  EXPECT_EQ(ratings, 320U);
}

TEST_F(ExportCommand, NpzHasAllBlocksWithTheIds) {
  train("one_layer", "one_layer", 1);
  export_to("npz", "out.npz", "one_layer");
  const io::InputTree zip(folder_ / "out.npz");
  EXPECT_THAT(zip.paths(),
              UnorderedElementsAre("user.npy", "title.npy", "dense1.weight.npy", "dense1.bias.npy",
                                   "dense2.weight.npy", "dense2.bias.npy", "user_ids.npy",
                                   "user_ratings.npy", "item_ids.npy", "item_ratings.npy",
                                   "item_titles.npy", "titles.npy"));
  const std::string user = io::read_all(*zip.open("user.npy"));
  ASSERT_THAT(user, HasSubstr("'shape': (11, 32)"));
  std::vector<float> last(32);
  std::memcpy(last.data(), user.data() + user.size() - 128, 128);
  EXPECT_EQ(last, user_row(model("one_layer"), 11));
}

TEST_F(ExportCommand, Hdf5HasTheSame) {
  train("complex", "complex", 1);
  export_to("hdf5", "out.h5", "complex");
  const auto trained = model("complex");
  const io::H5Reader file(folder_ / "out.h5");
  EXPECT_EQ(file.read_texts("user_ids"), trained.set.catalogue().user_ids);
  EXPECT_EQ(file.read_texts("titles"), trained.set.catalogue().titles);
  EXPECT_EQ(file.string_attribute("model_digest"), trained.digest);
  const auto user = file.read<float>("parameters/user");
  ASSERT_EQ(user.size(), 11U * 32U);
  EXPECT_EQ(std::vector<float>(user.begin(), user.begin() + 32), user_row(trained, 1));
}

TEST_F(ExportCommand, OneOfManySampledModelsIsSaidToBeThat) {
  train("run", "basic", 5, testing::sampled(1));
  const auto exported = [](const Words& words, std::FILE*, Log& log) {
    export_command(words, log);
  };
  ask(exported, {path("run"), "--output", path("out.npz")});
  EXPECT_THAT(log(), HasSubstr("is one of the models that were sampled, the last"));
  ask(exported, {newest("run", "basic").string(), "--output", path("named.npz")});
  EXPECT_THAT(log(), HasSubstr("is one of the models that were sampled: "));
}

TEST_F(ExportCommand, WhatIsMissingIsSaidAtOnce) {
  Log log = Log::silent();
  expect_error(ErrorKind::usage,
               ::testing::AllOf(HasSubstr("--run"), HasSubstr("--to onyx"), HasSubstr("--output")),
               [&] {
                 export_command({"--to", "onyx"}, log);
               });
}

TEST_F(ExportCommand, TheStandardOutputIsRefused) {
  train("basic", "basic", 1);
  for (const char* format : {"tsv", "npz", "hdf5", "onnx"}) {
    expect_error(ErrorKind::usage, HasSubstr("give the name of a file, or for tsv of a folder"),
                 [&] {
                   Log log = Log::silent();
                   export_command({path("basic"), "--to", format, "--output", "-"}, log);
                 });
  }
  EXPECT_FALSE(std::filesystem::exists("-"));
}

TEST_F(ExportCommand, WhatARunOrASetKeepsIsNotWrittenOver) {
  train("run", "basic", 1);
  for (const std::string& kept : {newest("run", "basic").string(), path("run") + "/result.json",
                                  path("set") + "/manifest.h5"}) {
    const std::string before = testing::read_file(kept);
    expect_error(ErrorKind::usage, HasSubstr("--output " + kept + ": is "), [&] {
      Log log = Log::silent();
      export_command({path("run"), "--to", "npz", "--output", kept}, log);
    });
    EXPECT_EQ(testing::read_file(kept), before);
  }
}

}  // namespace
}  // namespace nnrec::app
