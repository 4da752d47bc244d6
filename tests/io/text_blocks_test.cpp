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

/// What a pipe gives, a read each; empty: it has nothing for now.
class Reads : public ByteSource {
 public:
  explicit Reads(std::vector<std::string> reads) : reads_(std::move(reads)) {}
  std::size_t read(std::span<char> buffer) override {
    while (next_ < reads_.size() && reads_[next_].empty()) ++next_;
    if (next_ == reads_.size()) return 0;
    const std::string& text = reads_[next_++];
    std::ranges::copy(text, buffer.begin());
    return text.size();
  }
  bool would_wait() const override { return next_ < reads_.size() && reads_[next_].empty(); }

 private:
  std::vector<std::string> reads_;
  std::size_t next_ = 0;
};

TEST(TextBlocks, PromptOnesEndWhereThePipeHasNoMoreForNow) {
  const std::vector<std::string> reads{"1\n2", "\n3\n", "", "4", "", "\n5", "", "6"};
  const auto blocks_of = [&](TextBlocks::Filling filling) {
    TextBlocks blocks(std::make_unique<Reads>(reads), "reads", {}, filling);
    std::vector<std::string> found;
    for (std::string block; blocks.next(block);) found.push_back(block);
    return found;
  };
  EXPECT_THAT(blocks_of(TextBlocks::Filling::prompt),
              ::testing::ElementsAre("1\n2\n3\n", "4\n", "56"));
  EXPECT_THAT(blocks_of(TextBlocks::Filling::whole), ::testing::ElementsAre("1\n2\n3\n4\n", "56"));
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
