#include "nnrec/io/npz_file.hpp"

#include <cstring>

#include "nnrec/io/input_tree.hpp"

#include "support/expect_error.hpp"
#include "support/temporary_folder.hpp"

namespace nnrec::io {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class NpzFileTest : public ::testing::Test {
 protected:
  /// The member's array, its head checked for `type` and `shape`.
  std::string bytes_of(const std::string& member, const std::string& type,
                       const std::string& shape) const {
    const InputTree zip(path_);
    const auto text = read_all(*zip.open(member + ".npy"));
    EXPECT_EQ(text.substr(0, 8), std::string("\x93NUMPY\x01\x00", 8));
    const std::size_t length =
        static_cast<unsigned char>(text[8]) + 256U * static_cast<unsigned char>(text[9]);
    EXPECT_EQ((10 + length) % 64, 0U) << "NumPy asks for aligned arrays";
    const std::string literal = text.substr(10, length);
    EXPECT_TRUE(literal.ends_with("\n"));
    EXPECT_THAT(literal, HasSubstr("'descr': '" + type + "'"));
    EXPECT_THAT(literal, HasSubstr("'fortran_order': False"));
    EXPECT_THAT(literal, HasSubstr("'shape': (" + shape + ")"));
    return text.substr(10 + length);
  }
  void write() const {
    NpzFile file(path_);
    file.add("table", std::vector<float>{1, 2, 3, 4, 5, 6}, 3);
    file.add("counts", std::vector<std::uint64_t>{7, 1ULL << 40});
    file.add("titles", std::vector<std::string>{"a", "é€😀", "x\xFFy", ""});
    file.close();
  }

  const testing::TemporaryFolder folder_;
  const std::filesystem::path path_ = folder_ / "model.npz";
};

TEST_F(NpzFileTest, HoldsArraysAsNumpyReadsThem) {
  write();
  EXPECT_THAT(InputTree(path_).paths(), ElementsAre("counts.npy", "table.npy", "titles.npy"));
  const std::string table = bytes_of("table", "<f4", "2, 3");
  std::vector<float> values(6);
  ASSERT_EQ(table.size(), 24U);
  std::memcpy(values.data(), table.data(), 24);
  EXPECT_THAT(values, ElementsAre(1, 2, 3, 4, 5, 6));
  EXPECT_EQ(bytes_of("counts", "<u8", "2,").size(), 16U);
}

TEST_F(NpzFileTest, TextsAreOfOneWidthInUtf32) {
  write();
  const std::string bytes = bytes_of("titles", "<U3", "4,");
  std::u32string characters(12, U'?');
  ASSERT_EQ(bytes.size(), 48U);
  std::memcpy(characters.data(), bytes.data(), 48);
  EXPECT_EQ(characters, std::u32string(U"a\0\0é€😀x\uFFFDy\0\0\0", 12));
}

TEST_F(NpzFileTest, TheSameArraysGiveTheSameBytes) {
  write();
  const std::string first = testing::read_file(path_);
  write();
  EXPECT_EQ(testing::read_file(path_), first);
}

TEST_F(NpzFileTest, AFolderThatIsMissingIsNamed) {
  testing::expect_error(ErrorKind::io, HasSubstr("none/x.npz"),
                        [&] { NpzFile(folder_ / "none/x.npz"); });
}

}  // namespace
}  // namespace nnrec::io
