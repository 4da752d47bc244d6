#include <functional>
#include <thread>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "nnrec/io/input_tree.hpp"

#include "support/archives.hpp"
#include "support/expect_error.hpp"
#include "support/temporary_folder.hpp"

namespace nnrec::io {
namespace {
using ::testing::HasSubstr;

/// A named pipe into which a thread of its own writes.
class WrittenPipe {
 public:
  WrittenPipe(const std::filesystem::path& path, std::string text) : path_(path) {
    if (::mkfifo(path.c_str(), 0600) != 0) throw std::runtime_error("mkfifo failed");
    writer_ = std::thread([path, text = std::move(text)] {
      const int descriptor = ::open(path.c_str(), O_WRONLY);
      for (std::size_t at = 0; at < text.size();) {
        const auto count = ::write(descriptor, text.data() + at, text.size() - at);
        if (count <= 0) break;
        at += static_cast<std::size_t>(count);
      }
      ::close(descriptor);
    });
  }
  ~WrittenPipe() { writer_.join(); }
  WrittenPipe(const WrittenPipe&) = delete;
  WrittenPipe& operator=(const WrittenPipe&) = delete;

 private:
  std::filesystem::path path_;
  std::thread writer_;
};

std::string lines(std::size_t count) {
  std::string text;
  for (std::size_t line = 0; line < count; ++line) text += std::to_string(line) + ",1,5\n";
  return text;
}

TEST(Pipe, WhatWasLookedAtIsReadOnceMore) {
  const testing::TemporaryFolder folder;
  const auto text = lines(2'000'000);  // More than is kept.
  const WrittenPipe writer(folder / "pipe", text);
  const InputTree tree(folder / "pipe");
  EXPECT_EQ(tree.given_file(), "pipe");
  EXPECT_EQ(read_head(*tree.open("pipe"), 1000), text.substr(0, 1000));
  EXPECT_EQ(read_head(*tree.open("pipe"), 100'000), text.substr(0, 100'000));
  EXPECT_EQ(read_all(*tree.open("pipe")), text);
  testing::expect_error(ErrorKind::internal, HasSubstr("is read twice"),
                        [&] { read_all(*tree.open("pipe")); });
}

TEST(Pipe, AShortOneMayBeReadAgain) {
  const testing::TemporaryFolder folder;
  const WrittenPipe writer(folder / "pipe", "1,2,3\n");
  const InputTree tree(folder / "pipe");
  EXPECT_EQ(read_all(*tree.open("pipe")), "1,2,3\n");
  EXPECT_EQ(read_all(*tree.open("pipe")), "1,2,3\n");
  EXPECT_FALSE(tree.has("u.item")) << "nothing lies beside a pipe";
}

TEST(Pipe, CompressedBytesAreUnpackedAsTheyCome) {
  const testing::TemporaryFolder folder;
  const auto text = lines(300'000);
  for (const auto packing : {testing::Packed::gz, testing::Packed::zst}) {
    testing::write_archive(folder / "packed", packing, {{"", text}});
    std::filesystem::remove(folder / "pipe");
    const WrittenPipe writer(folder / "pipe", testing::read_file(folder / "packed"));
    const InputTree tree(folder / "pipe");
    EXPECT_EQ(read_head(*tree.open("pipe"), 50'000), text.substr(0, 50'000));
    EXPECT_EQ(read_all(*tree.open("pipe")), text);
  }
}

TEST(Pipe, AnArchiveIsRefusedByName) {
  const testing::TemporaryFolder folder;
  for (const auto packing : {testing::Packed::zip, testing::Packed::tar_gz}) {
    testing::write_archive(folder / "packed", packing, {{"a/ratings.csv", lines(3)}});
    std::filesystem::remove(folder / "pipe");
    const WrittenPipe writer(folder / "pipe", testing::read_file(folder / "packed"));
    testing::expect_error(ErrorKind::input, HasSubstr("pipe: is an archive, which cannot be read"),
                          [&] { InputTree(folder / "pipe").open("pipe"); });
  }
}

TEST(Pipe, DamagedBytesAreNamed) {
  const testing::TemporaryFolder folder;
  testing::write_archive(folder / "packed", testing::Packed::gz, {{"", lines(300'000)}});
  const auto whole = testing::read_file(folder / "packed");
  const WrittenPipe writer(folder / "pipe", whole.substr(0, whole.size() / 2));
  testing::expect_error(ErrorKind::input, HasSubstr("pipe: cannot be unpacked"),
                        [&] { read_all(*InputTree(folder / "pipe").open("pipe")); });
}

}  // namespace
}  // namespace nnrec::io
