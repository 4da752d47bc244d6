#include "nnrec/io/input_tree.hpp"

#include <archive.h>
#include <archive_entry.h>

#include "support/expect_error.hpp"
#include "support/temporary_folder.hpp"

namespace nnrec::io {
namespace {
using ::testing::ElementsAre;
using testing::expect_error;
using ::testing::HasSubstr;

enum class Kind { zip, tar_gz, gz, zst };

void write_archive(const std::filesystem::path& path, Kind kind,
                   const std::vector<std::pair<std::string, std::string>>& files) {
  auto* archive = ::archive_write_new();
  if (kind == Kind::zip) ::archive_write_set_format_zip(archive);
  if (kind == Kind::tar_gz) ::archive_write_set_format_ustar(archive);
  if (kind == Kind::gz || kind == Kind::zst) ::archive_write_set_format_raw(archive);
  if (kind == Kind::tar_gz || kind == Kind::gz) ::archive_write_add_filter_gzip(archive);
  if (kind == Kind::zst) ::archive_write_add_filter_zstd(archive);
  ASSERT_EQ(::archive_write_open_filename(archive, path.c_str()), ARCHIVE_OK);
  for (const auto& [name, text] : files) {
    auto* entry = ::archive_entry_new();
    ::archive_entry_set_pathname(entry, name.c_str());
    ::archive_entry_set_size(entry, static_cast<la_int64_t>(text.size()));
    ::archive_entry_set_filetype(entry, AE_IFREG);
    ::archive_entry_set_perm(entry, 0644);
    ASSERT_EQ(::archive_write_header(archive, entry), ARCHIVE_OK);
    ::archive_write_data(archive, text.data(), text.size());
    ::archive_entry_free(entry);
  }
  ::archive_write_free(archive);
}

std::string text_of(const InputTree& tree, const std::string& name) {
  return read_all(*tree.open(name));
}

TEST(InputTree, ArchivesAreRecognisedByContentWhateverTheirName) {
  const testing::TemporaryFolder folder;
  for (const Kind kind : {Kind::zip, Kind::tar_gz}) {
    write_archive(
        folder / "data.txt", kind,
        {{"ml/u.data", "ratings"}, {"ml/u.item", "items"}, {"__MACOSX/ml/._u.data", "x"}});
    const InputTree tree(folder / "data.txt");
    EXPECT_EQ(tree.given_file(), "");
    EXPECT_THAT(tree.names(), ElementsAre("u.data", "u.item"));
    EXPECT_EQ(text_of(tree, "u.item"), "items");
    EXPECT_FALSE(tree.has("u.user"));
  }
}

TEST(InputTree, ACompressedFileIsUnpackedAndKeepsItsNeighbours) {
  const testing::TemporaryFolder folder;
  testing::write_file(folder / "u.item", "items");
  for (const Kind kind : {Kind::gz, Kind::zst}) {
    write_archive(folder / "u.data", kind, {{"u.data", "ratings"}});
    const InputTree tree(folder / "u.data");
    EXPECT_EQ(tree.given_file(), "u.data");
    EXPECT_EQ(text_of(tree, "u.data"), "ratings");
    EXPECT_EQ(text_of(tree, "u.item"), "items");
  }
}

TEST(InputTree, DamagedArchivesAndMissingFilesAreRefusedByName) {
  const testing::TemporaryFolder folder;
  write_archive(folder / "a.zip", Kind::tar_gz, {{"u.data", std::string(100'000, 'x')}});
  const auto whole = testing::read_file(folder / "a.zip");
  testing::write_file(folder / "a.zip", whole.substr(0, whole.size() / 2));
  expect_error(ErrorKind::input, HasSubstr("a.zip: cannot be unpacked"),
               [&] { text_of(InputTree(folder / "a.zip"), "u.data"); });
  expect_error(ErrorKind::input, HasSubstr("none: does not exist"),
               [&] { InputTree(folder / "none"); });
}

}  // namespace
}  // namespace nnrec::io
