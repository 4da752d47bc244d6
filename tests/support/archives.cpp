#include "support/archives.hpp"

#include <stdexcept>

#include <archive.h>
#include <archive_entry.h>

namespace nnrec::testing {

void write_archive(const std::filesystem::path& path, Packed packed,
                   const std::vector<std::pair<std::string, std::string>>& files) {
  auto* archive = ::archive_write_new();
  const bool raw = packed == Packed::gz || packed == Packed::zst;
  if (packed == Packed::zip) ::archive_write_set_format_zip(archive);
  if (packed == Packed::tar || packed == Packed::tar_gz) ::archive_write_set_format_ustar(archive);
  if (raw) ::archive_write_set_format_raw(archive);
  if (packed == Packed::tar_gz || packed == Packed::gz) ::archive_write_add_filter_gzip(archive);
  if (packed == Packed::zst) ::archive_write_add_filter_zstd(archive);
  bool good = ::archive_write_open_filename(archive, path.c_str()) == ARCHIVE_OK;
  for (const auto& [name, text] : files) {
    auto* entry = ::archive_entry_new();
    ::archive_entry_set_pathname(entry, raw ? "data" : name.c_str());
    ::archive_entry_set_size(entry, static_cast<la_int64_t>(text.size()));
    ::archive_entry_set_filetype(entry, AE_IFREG);
    ::archive_entry_set_perm(entry, 0644);
    good = good && ::archive_write_header(archive, entry) == ARCHIVE_OK;
    ::archive_write_data(archive, text.data(), text.size());
    ::archive_entry_free(entry);
  }
  good = ::archive_write_free(archive) == ARCHIVE_OK && good;
  if (!good) throw std::runtime_error("cannot write " + path.string());
}

}  // namespace nnrec::testing
