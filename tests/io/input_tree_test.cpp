#include "nnrec/io/input_tree.hpp"

#include "support/archives.hpp"
#include "support/expect_error.hpp"
#include "support/temporary_folder.hpp"

namespace nnrec::io {
namespace {
using ::testing::ElementsAre;
using testing::expect_error;
using ::testing::HasSubstr;

using testing::Packed;
using testing::write_archive;

std::string text_of(const InputTree& tree, const std::string& name) {
  return read_all(*tree.open(name));
}

TEST(InputTree, ArchivesAreRecognisedByContentWhateverTheirName) {
  const testing::TemporaryFolder folder;
  for (const Packed kind : {Packed::zip, Packed::tar_gz}) {
    write_archive(
        folder / "data.txt", kind,
        {{"ml/u.data", "ratings"}, {"ml/u.item", "items"}, {"__MACOSX/ml/._u.data", "x"}});
    const InputTree tree(folder / "data.txt");
    EXPECT_EQ(tree.given_file(), "");
    EXPECT_THAT(tree.paths(), ElementsAre("ml/u.data", "ml/u.item"));
    EXPECT_EQ(text_of(tree, "ml/u.item"), "items");
    EXPECT_EQ(text_of(tree, beside("ml/u.data", "u.item")), "items");
    EXPECT_FALSE(tree.has("ml/u.user"));
    EXPECT_FALSE(tree.has("u.item")) << "a path is whole";
  }
}

TEST(InputTree, ACompressedFileIsUnpackedAndKeepsItsNeighbours) {
  const testing::TemporaryFolder folder;
  testing::write_file(folder / "u.item", "items");
  for (const Packed kind : {Packed::gz, Packed::zst}) {
    write_archive(folder / "u.data", kind, {{"u.data", "ratings"}});
    const InputTree tree(folder / "u.data");
    EXPECT_EQ(tree.given_file(), "u.data");
    EXPECT_EQ(text_of(tree, "u.data"), "ratings");
    EXPECT_EQ(text_of(tree, "u.item"), "items");
  }
}

TEST(InputTree, DamagedArchivesAndMissingFilesAreRefusedByName) {
  const testing::TemporaryFolder folder;
  write_archive(folder / "a.zip", Packed::tar_gz, {{"u.data", std::string(100'000, 'x')}});
  const auto whole = testing::read_file(folder / "a.zip");
  testing::write_file(folder / "a.zip", whole.substr(0, whole.size() / 2));
  expect_error(ErrorKind::input, HasSubstr("a.zip: cannot be unpacked"),
               [&] { text_of(InputTree(folder / "a.zip"), "u.data"); });
  expect_error(ErrorKind::input, HasSubstr("none: does not exist"),
               [&] { InputTree(folder / "none"); });
}

TEST(InputTree, ACompressedFileOfNothingIsCalledSo) {
  const testing::TemporaryFolder folder;
  for (const Packed kind : {Packed::gz, Packed::zst}) {
    write_archive(folder / "ratings.csv.gz", kind, {{"", ""}});
    expect_error(ErrorKind::input, HasSubstr("ratings.csv.gz: is a compressed file of nothing"),
                 [&] { InputTree(folder / "ratings.csv.gz"); });
  }
}

TEST(InputTree, AFileIsFoundByThePathOrTheEndOfOne) {
  const testing::TemporaryFolder folder;
  write_archive(folder / "a.zip", Packed::zip,
                {{"ml/u1.base", "1"}, {"ml/old/u1.base", "2"}, {"ml/u1.test", "3"}});
  const InputTree tree(folder / "a.zip");
  EXPECT_EQ(tree.find("ml/u1.base"), "ml/u1.base");
  EXPECT_EQ(tree.find("u1.test"), "ml/u1.test");
  EXPECT_EQ(tree.find("old/u1.base"), "ml/old/u1.base");
  expect_error(ErrorKind::input,
               ::testing::AllOf(HasSubstr("ml/old/u1.base, ml/u1.base"), HasSubstr("its folder")),
               [&] { tree.find("u1.base"); });
  expect_error(ErrorKind::input, HasSubstr("does not exist"), [&] { tree.find("1.test"); });
}

TEST(InputTree, OfAFolderOnlyItsOwnFilesThatAreMeantToBeSeenCount) {
  const testing::TemporaryFolder folder;
  std::filesystem::create_directories(folder / "set/inner");
  for (const char* name : {"set/b.csv", "set/a.csv", "set/.hidden", "set/inner/c.csv"}) {
    testing::write_file(folder / name, "x");
  }
  const InputTree tree(folder / "set");
  EXPECT_THAT(tree.paths(), ElementsAre("a.csv", "b.csv"));
  EXPECT_EQ(tree.find("inner/c.csv"), "inner/c.csv") << "what is named may lie deeper";
}

TEST(InputTree, OnlyAFileThatIsThereAsItIsHasAPlace) {
  const testing::TemporaryFolder folder;
  testing::write_file(folder / "plain", "x");
  write_archive(folder / "packed", Packed::gz, {{"", "x"}});
  write_archive(folder / "a.zip", Packed::zip, {{"plain", "x"}});
  EXPECT_EQ(InputTree(folder / "plain").plain_file("plain"), folder / "plain");
  EXPECT_EQ(InputTree(folder / "packed").plain_file("packed"), "");
  EXPECT_EQ(InputTree(folder / "a.zip").plain_file("plain"), "");
}

// Reading a process's own memory from its lowest address fails as a device does.
TEST(ByteSource, AReadThatTheSystemFailsIsNoFaultOfWhatStandsInTheFile) {
  const auto source = open_file("/proc/self/mem");
  expect_error(ErrorKind::io, HasSubstr("/proc/self/mem: cannot be read to its end: Input/output"),
               [&] { read_all(*source); });
}

}  // namespace
}  // namespace nnrec::io
