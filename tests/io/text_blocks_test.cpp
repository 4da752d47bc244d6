#include "nnrec/io/text_blocks.hpp"

#include "support/expect_error.hpp"
#include "support/temporary_folder.hpp"

namespace nnrec::io {
namespace {

TEST(TextBlocks, BlocksAreWholeLinesAndTogetherTheFile) {
  const testing::TemporaryFolder folder;
  std::string text;
  for (int line = 0; line < 300'000; ++line) text += std::to_string(line) + " line\n";
  text += "last, without an end";
  testing::write_file(folder / "a", text);
  TextBlocks blocks(folder / "a");
  std::string read;
  int count = 0;
  for (std::string block; blocks.next(block); ++count) {
    read += block;
    EXPECT_TRUE(block.back() == '\n' || read.size() == text.size());
  }
  EXPECT_EQ(read, text);
  EXPECT_GT(count, 2);
  EXPECT_EQ(blocks.bytes_read(), text.size());
}

TEST(TextBlocks, ByteOrderMarkAndCarriageReturnsAreDropped) {
  const testing::TemporaryFolder folder;
  testing::write_file(folder / "a",
                      "\xEF\xBB\xBF"
                      "one\r\n\r\ntwo");
  std::string text;
  TextBlocks blocks(folder / "a");
  for (std::string block; blocks.next(block);) text += block;
  std::string_view rest = text;
  std::string_view line;
  std::vector<std::string> lines;
  while (take_line(rest, line)) lines.emplace_back(line);
  EXPECT_THAT(lines, ::testing::ElementsAre("one", "", "two"));
}

TEST(TextBlocks, AFileWithoutLineEndsIsRefused) {
  const testing::TemporaryFolder folder;
  testing::write_file(folder / "a", std::string(20 << 20, 'x'));
  testing::expect_error(ErrorKind::input, ::testing::HasSubstr("is it a text file"), [&] {
    std::string block;
    TextBlocks(folder / "a").next(block);
  });
}

}  // namespace
}  // namespace nnrec::io
