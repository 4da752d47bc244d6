#include "nnrec/io/text_output.hpp"

#include <filesystem>

#include <gtest/gtest.h>

#include "support/expect_error.hpp"
#include "support/temporary_folder.hpp"

namespace nnrec::io {
namespace {

TEST(TextOutput, AFileIsThereWholeOnceItIsClosed) {
  const testing::TemporaryFolder folder;
  const std::string path = (folder / "answers.tsv").string();
  TextOutput output(path, nullptr);
  output.write("1\t2\n");
  EXPECT_FALSE(std::filesystem::exists(path));
  output.write("3\t4\n");
  output.close();
  EXPECT_EQ(testing::read_file(path), "1\t2\n3\t4\n");
}

TEST(TextOutput, AFileThatIsNotClosedIsAbsent) {
  const testing::TemporaryFolder folder;
  { TextOutput((folder / "answers.tsv").string(), nullptr).write("half"); }
  EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
}

TEST(TextOutput, AFullDeviceIsNamed) {
  const FileHandle full(std::fopen("/dev/full", "w"));
  TextOutput output("-", full.get());
  output.write("x");
  testing::expect_error(ErrorKind::io, ::testing::HasSubstr("the standard output cannot be"),
                        [&] { output.close(); });
}

}  // namespace
}  // namespace nnrec::io
