#include "archive.hpp"

#include <exception>
#include <string_view>
#include <vector>

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

/// Packed bytes that come from a ByteSource, as libarchive wants them.
struct PackedInput {
  std::unique_ptr<ByteSource> source;
  std::vector<char> buffer = std::vector<char>(kReadBytes);
  std::exception_ptr failure;  ///< must not go through libarchive

  static ::la_ssize_t read(::archive*, void* data, const void** bytes) {
    auto& self = *static_cast<PackedInput*>(data);
    try {
      *bytes = self.buffer.data();
      return static_cast<::la_ssize_t>(self.source->read(self.buffer));
    } catch (...) {
      self.failure = std::current_exception();
      return -1;
    }
  }
};

/// An archive at its start.
class Reader {
 public:
  explicit Reader(const std::filesystem::path& path) : Reader(path.string()) {
    if (::archive_read_open_filename(handle_.get(), path.c_str(), kReadBytes) != ARCHIVE_OK) fail();
  }
  Reader(std::unique_ptr<ByteSource> packed, const std::string& label) : Reader(label) {
    input_ = std::make_unique<PackedInput>();
    input_->source = std::move(packed);
    if (::archive_read_open(handle_.get(), input_.get(), nullptr, PackedInput::read, nullptr) !=
        ARCHIVE_OK) {
      fail();
    }
  }

  /// Moves to the next file. Returns false at the end.
  bool next(std::string& member) {
    for (::archive_entry* entry = nullptr;;) {
      const int result = ::archive_read_next_header(handle_.get(), &entry);
      if (result == ARCHIVE_EOF) return false;
      if (result < ARCHIVE_WARN) fail();
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
    if (count < 0) fail();
    return static_cast<std::size_t>(count);
  }

 private:
  explicit Reader(std::string label) : label_(std::move(label)), handle_(::archive_read_new()) {
    if (!handle_) throw IoError("{}: out of memory while unpacking", label_);
    ::archive_read_support_filter_all(handle_.get());
    ::archive_read_support_format_zip(handle_.get());
    ::archive_read_support_format_tar(handle_.get());
    ::archive_read_support_format_raw(handle_.get());  // Asked last: what holds no archive.
  }
  [[noreturn]] void fail() const {
    if (input_ && input_->failure) std::rethrow_exception(input_->failure);
    const char* reason = ::archive_error_string(handle_.get());
    throw InputError("{}: cannot be unpacked: {}. Download or copy it again.", label_,
                     reason != nullptr ? reason : "it is damaged");
  }

  std::string label_;
  std::unique_ptr<PackedInput> input_;  // Longer than the handle that reads it.
  Handle handle_;
};

/// One file of an archive that is at it.
class MemberSource : public ByteSource {
 public:
  explicit MemberSource(Reader reader) : reader_(std::move(reader)) {}
  std::size_t read(std::span<char> buffer) override { return reader_.read(buffer); }

 private:
  Reader reader_;
};

}  // namespace

Packing recognise_packing(std::string_view head) noexcept {
  if (head.starts_with("PK\x03\x04") || head.starts_with("PK\x05\x06")) return Packing::archive;
  if (head.size() > kTarMagicOffset && head.substr(kTarMagicOffset).starts_with("ustar")) {
    return Packing::archive;
  }
  for (const std::string_view magic : {"\x1F\x8B", "\x28\xB5\x2F\xFD",
                                       "\xFD"
                                       "7zXZ",
                                       "BZh"}) {
    if (head.starts_with(magic)) return Packing::stream;
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
  Reader reader(path);
  for (std::string name; reader.next(name);) {
    if (name == member) return std::make_unique<MemberSource>(std::move(reader));
  }
  throw InputError("{}: has no file {}", path.string(), member);
}

std::unique_ptr<ByteSource> unpack_stream(std::unique_ptr<ByteSource> packed,
                                          const std::string& label) {
  Reader reader(std::move(packed), label);
  std::string member;
  if (!reader.next(member)) throw InputError("{}: is an archive without files", label);
  if (member.empty()) return std::make_unique<MemberSource>(std::move(reader));
  throw InputError("{}: is an archive, which cannot be read from a pipe. Save it as a file first.",
                   label);
}

}  // namespace nnrec::io
