#include "archive.hpp"

#include <array>
#include <string_view>

#include <archive.h>
#include <archive_entry.h>

#include "nnrec/base/error.hpp"

namespace nnrec::io {
namespace {

constexpr std::size_t kReadBytes = 1 << 18;
constexpr std::size_t kTarMagicOffset = 257;

struct ArchiveClose {
  void operator()(::archive* handle) const noexcept { ::archive_read_free(handle); }
};
using Handle = std::unique_ptr<::archive, ArchiveClose>;

[[noreturn]] void fail(const std::filesystem::path& path, ::archive* handle) {
  const char* reason = ::archive_error_string(handle);
  throw InputError("{}: cannot be unpacked: {}. Download or copy it again.", path.string(),
                   reason != nullptr ? reason : "it is damaged");
}

/// An archive at its start.
class Reader {
 public:
  explicit Reader(const std::filesystem::path& path) : path_(path), handle_(::archive_read_new()) {
    if (!handle_) throw IoError("{}: out of memory while unpacking", path.string());
    ::archive_read_support_filter_all(handle_.get());
    ::archive_read_support_format_zip(handle_.get());
    ::archive_read_support_format_tar(handle_.get());
    ::archive_read_support_format_raw(handle_.get());  // Asked last: what holds no archive.
    if (::archive_read_open_filename(handle_.get(), path.c_str(), kReadBytes) != ARCHIVE_OK) {
      fail(path_, handle_.get());
    }
  }

  /// Moves to the next file. Returns false at the end.
  bool next(std::string& member) {
    for (::archive_entry* entry = nullptr;;) {
      const int result = ::archive_read_next_header(handle_.get(), &entry);
      if (result == ARCHIVE_EOF) return false;
      if (result < ARCHIVE_WARN) fail(path_, handle_.get());
      if (::archive_format(handle_.get()) == ARCHIVE_FORMAT_RAW) {
        member.clear();
        return true;
      }
      const char* name = ::archive_entry_pathname(entry);
      if (name == nullptr) name = ::archive_entry_pathname_utf8(entry);
      if (name == nullptr || ::archive_entry_filetype(entry) != AE_IFREG) continue;
      member = name;
      return true;
    }
  }

  std::size_t read(std::span<char> buffer) {
    const auto count = ::archive_read_data(handle_.get(), buffer.data(), buffer.size());
    if (count < 0) fail(path_, handle_.get());
    return static_cast<std::size_t>(count);
  }

 private:
  std::filesystem::path path_;
  Handle handle_;
};

class MemberSource : public ByteSource {
 public:
  MemberSource(const std::filesystem::path& path, const std::string& member) : reader_(path) {
    for (std::string name; reader_.next(name);) {
      if (name == member) return;
    }
    throw InputError("{}: has no file {}", path.string(), member);
  }
  std::size_t read(std::span<char> buffer) override { return reader_.read(buffer); }

 private:
  Reader reader_;
};

}  // namespace

Packing recognise_packing(const std::filesystem::path& path) {
  std::array<char, 512> head{};
  const auto count = open_file(path)->read(head);
  const std::string_view text(head.data(), count);
  if (text.starts_with("PK\x03\x04") || text.starts_with("PK\x05\x06")) return Packing::archive;
  if (text.size() > kTarMagicOffset && text.substr(kTarMagicOffset).starts_with("ustar")) {
    return Packing::archive;
  }
  for (const std::string_view magic : {"\x1F\x8B", "\x28\xB5\x2F\xFD",
                                       "\xFD"
                                       "7zXZ",
                                       "BZh"}) {
    if (text.starts_with(magic)) return Packing::stream;
  }
  return Packing::none;
}

std::vector<std::string> list_members(const std::filesystem::path& path) {
  std::vector<std::string> members;
  Reader reader(path);
  for (std::string member; reader.next(member);) members.push_back(member);
  return members;
}

std::unique_ptr<ByteSource> open_member(const std::filesystem::path& path,
                                        const std::string& member) {
  return std::make_unique<MemberSource>(path, member);
}

}  // namespace nnrec::io
