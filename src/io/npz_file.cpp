#include "nnrec/io/npz_file.hpp"

#include <algorithm>
#include <bit>

#include <archive.h>
#include <archive_entry.h>

#include "nnrec/base/error.hpp"

namespace nnrec::io {
namespace {

static_assert(std::endian::native == std::endian::little, "arrays are written as they lie");

constexpr char32_t kReplacement = 0xFFFD;

struct ArchiveFree {
  void operator()(::archive* handle) const noexcept { ::archive_write_free(handle); }
};
struct EntryFree {
  void operator()(::archive_entry* entry) const noexcept { ::archive_entry_free(entry); }
};

/// The head of an array in .npy 1.0: magic, length, a Python literal, blanks up to 64 bytes.
std::string head_of(const std::string& type, const std::string& shape) {
  std::string literal =
      fmt::format("{{'descr': '{}', 'fortran_order': False, 'shape': ({}), }}", type, shape);
  constexpr std::size_t kFixed = 10;  // magic, version, length
  literal.append(63 - (kFixed + literal.size()) % 64, ' ').append("\n");
  std::string head("\x93NUMPY\x01\x00", 8);
  head += static_cast<char>(literal.size() % 256);
  head += static_cast<char>(literal.size() / 256);
  return head + literal;
}

std::string shape_of(std::size_t size, std::uint64_t cols) {
  return cols == 0 ? fmt::format("{},", size) : fmt::format("{}, {}", size / cols, cols);
}

template <typename T>
std::string_view bytes_of(std::span<const T> values) {
  return {reinterpret_cast<const char*>(values.data()), values.size_bytes()};
}

/// The first character of `text` and the bytes that it takes.
std::pair<char32_t, std::size_t> first_character(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = byte(0);
  if (first < 0x80) return {first, 1};
  const std::size_t length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
  if (first < 0xC2 || first > 0xF4 || text.size() < length) return {kReplacement, 1};
  char32_t value = first & (0x7FU >> length);
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xC0U) != 0x80U) return {kReplacement, 1};
    value = (value << 6) | (byte(i) & 0x3FU);
  }
  return {value, length};
}

std::u32string utf32_of(std::string_view text) {
  std::u32string wide;
  while (!text.empty()) {
    const auto [character, length] = first_character(text);
    wide += character;
    text.remove_prefix(length);
  }
  return wide;
}

}  // namespace

struct NpzFile::Impl {
  std::string path;
  std::unique_ptr<::archive, ArchiveFree> zip;

  void require(int status) const {
    if (status == ARCHIVE_OK) return;
    const char* reason = ::archive_error_string(zip.get());
    throw IoError("{}: cannot be written: {}", path, reason == nullptr ? "unknown" : reason);
  }
};

NpzFile::NpzFile(const std::filesystem::path& path)
    : impl_(new Impl{path.string(), {::archive_write_new(), {}}}) {
  if (!impl_->zip) throw IoError("{}: out of memory while packing", impl_->path);
  impl_->require(::archive_write_set_format_zip(impl_->zip.get()));
  impl_->require(::archive_write_zip_set_compression_store(impl_->zip.get()));
  impl_->require(::archive_write_open_filename(impl_->zip.get(), path.c_str()));
}

NpzFile::~NpzFile() = default;
NpzFile::NpzFile(NpzFile&&) noexcept = default;

void NpzFile::member(const std::string& name, const std::string& head, std::string_view bytes) {
  const std::unique_ptr<::archive_entry, EntryFree> entry(::archive_entry_new());
  ::archive_entry_set_pathname(entry.get(), (name + ".npy").c_str());
  ::archive_entry_set_filetype(entry.get(), AE_IFREG);
  ::archive_entry_set_perm(entry.get(), 0644);
  ::archive_entry_set_size(entry.get(), static_cast<la_int64_t>(head.size() + bytes.size()));
  ::archive_entry_set_mtime(entry.get(), 315532800, 0);  // 1980, the first that a zip can say
  impl_->require(::archive_write_header(impl_->zip.get(), entry.get()));
  for (const std::string_view part : {std::string_view(head), bytes}) {
    const auto written = ::archive_write_data(impl_->zip.get(), part.data(), part.size());
    if (written != static_cast<la_ssize_t>(part.size())) impl_->require(ARCHIVE_FATAL);
  }
}

void NpzFile::add(const std::string& name, std::span<const float> values, std::uint64_t cols) {
  member(name, head_of("<f4", shape_of(values.size(), cols)), bytes_of(values));
}

void NpzFile::add(const std::string& name, std::span<const std::int64_t> values,
                  std::uint64_t cols) {
  member(name, head_of("<i8", shape_of(values.size(), cols)), bytes_of(values));
}

void NpzFile::add(const std::string& name, std::span<const std::uint32_t> values) {
  member(name, head_of("<u4", shape_of(values.size(), 0)), bytes_of(values));
}

void NpzFile::add(const std::string& name, std::span<const std::uint64_t> values) {
  member(name, head_of("<u8", shape_of(values.size(), 0)), bytes_of(values));
}

void NpzFile::add(const std::string& name, std::span<const std::string> texts) {
  std::vector<std::u32string> wide;
  std::size_t width = 1;
  for (const std::string& text : texts) {
    wide.push_back(utf32_of(text));
    width = std::max(width, wide.back().size());
  }
  std::u32string all;
  for (const std::u32string& text : wide) all.append(text).append(width - text.size(), U'\0');
  member(name, head_of(fmt::format("<U{}", width), shape_of(texts.size(), 0)),
         bytes_of(std::span<const char32_t>(all)));
}

void NpzFile::close() {
  impl_->require(::archive_write_close(impl_->zip.get()));
}

}  // namespace nnrec::io
