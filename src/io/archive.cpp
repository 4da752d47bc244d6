#include "archive.hpp"

#include <algorithm>
#include <cstdio>
#include <exception>
#include <optional>
#include <string_view>
#include <vector>

#include <archive.h>
#include <archive_entry.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include "nnrec/base/error.hpp"
#include "nnrec/base/file_handle.hpp"
#include "nnrec/base/system.hpp"

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
  std::int64_t taken = 0;      ///< bytes of all reads
  std::size_t last = 0;        ///< of the last one, which `buffer` has
  std::exception_ptr failure;  ///< must not go through libarchive

  std::size_t next() {
    last = source->read(buffer);
    taken += static_cast<std::int64_t>(last);
    return last;
  }

  static ::la_ssize_t read(::archive*, void* data, const void** bytes) {
    auto& self = *static_cast<PackedInput*>(data);
    try {
      *bytes = self.buffer.data();
      return static_cast<::la_ssize_t>(self.next());
    } catch (...) {
      self.failure = std::current_exception();
      return -1;
    }
  }
};

/// Padding, as some devices write it.
bool is_nothing(std::string_view bytes) {
  return bytes.find_first_not_of('\0') == std::string_view::npos;
}

/// An archive that is read from a place on, to begin with its start.
class Reader {
 public:
  enum class Formats { all, none };  ///< none: what a compressed file holds, as it is
  explicit Reader(const std::filesystem::path& path, Formats formats = Formats::all)
      : Reader(path.string(), formats) {
    if (::archive_read_open_filename(handle_.get(), path.c_str(), kReadBytes) != ARCHIVE_OK) fail();
    path_ = path;
  }
  /// A plain tar, or a zip, from one of its headers on. `label` names it in messages.
  Reader(const std::filesystem::path& path, std::int64_t offset, std::string label)
      : label_(std::move(label)) {
    handle_.reset(::archive_read_new());
    if (!handle_) throw IoError("{}: out of memory while unpacking", label_);
    ::archive_read_support_format_tar(handle_.get());
    ::archive_read_support_format_zip_streamable(handle_.get());
    file_.reset(std::fopen(path.c_str(), "rb"));
    if (!file_ || ::fseeko(file_.get(), offset, SEEK_SET) != 0) {
      throw InputError("{}: cannot be read: {}", label_, system_reason());
    }
    if (::archive_read_open_FILE(handle_.get(), file_.get()) != ARCHIVE_OK) fail();
  }
  Reader(std::unique_ptr<ByteSource> packed, const std::string& label)
      : Reader(label, Formats::all) {
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

  /// Of the file that next() has moved to.
  std::int64_t offset() const { return ::archive_read_header_position(handle_.get()); }
  bool is_zip() const {
    return (::archive_format(handle_.get()) & ARCHIVE_FORMAT_BASE_MASK) == ARCHIVE_FORMAT_ZIP;
  }
  bool is_tar() const {
    return (::archive_format(handle_.get()) & ARCHIVE_FORMAT_BASE_MASK) == ARCHIVE_FORMAT_TAR;
  }
  bool is_packed() const { return ::archive_filter_code(handle_.get(), 0) != ARCHIVE_FILTER_NONE; }

  std::size_t read(std::span<char> buffer) {
    const auto count = ::archive_read_data(handle_.get(), buffer.data(), buffer.size());
    if (count < 0) fail();
    if (count == 0 && is_packed() && ::archive_format(handle_.get()) == ARCHIVE_FORMAT_RAW) {
      require_nothing_behind();
    }
    return static_cast<std::size_t>(count);
  }

 private:
  /// The library stops at what is not compressed as what is in front of it, and says nothing.
  void require_nothing_behind() {
    const auto end = ::archive_filter_bytes(handle_.get(), -1);
    if (input_) {
      const auto rest = static_cast<std::size_t>(input_->taken - end);
      const auto known = std::min(rest, input_->last);
      const std::string_view last(input_->buffer.data(), input_->last);
      bool more = rest > known || !is_nothing(last.substr(last.size() - known));
      while (!more && input_->next() > 0) more = !is_nothing({input_->buffer.data(), input_->last});
      if (more) refuse_more(end);
    } else if (!path_.empty()) {
      const FileHandle file(std::fopen(path_.c_str(), "rb"));
      if (!file || ::fseeko(file.get(), end, SEEK_SET) != 0) {
        throw InputError("{}: cannot be read: {}", label_, system_reason());
      }
      std::vector<char> buffer(kReadBytes);
      while (const auto count = std::fread(buffer.data(), 1, buffer.size(), file.get())) {
        if (!is_nothing({buffer.data(), count})) refuse_more(end);
      }
    }
  }
  [[noreturn]] void refuse_more(std::int64_t end) const {
    throw InputError(
        "{}: behind byte {} it is not compressed as it is before. Were files joined? Unpack them "
        "one by one.",
        label_, end);
  }

  Reader(std::string label, Formats formats)
      : label_(std::move(label)), handle_(::archive_read_new()) {
    if (!handle_) throw IoError("{}: out of memory while unpacking", label_);
    ::archive_read_support_filter_all(handle_.get());
    if (formats == Formats::all) {
      ::archive_read_support_format_zip(handle_.get());
      ::archive_read_support_format_tar(handle_.get());
    }
    ::archive_read_support_format_raw(handle_.get());  // Asked last: what holds no archive.
  }
  [[noreturn]] void fail() const {
    if (input_ && input_->failure) std::rethrow_exception(input_->failure);
    if (is_packed() && ::archive_filter_bytes(handle_.get(), 0) == 0) {
      throw InputError("{}: is a compressed file of nothing. Download or make it again.", label_);
    }
    const char* reason = ::archive_error_string(handle_.get());
    throw InputError("{}: cannot be unpacked: {}. Download or copy it again.", label_,
                     reason != nullptr ? reason : "it is damaged");
  }

  std::string label_;
  std::filesystem::path path_;          // Of a file that is read from its start.
  std::unique_ptr<PackedInput> input_;  // Both longer than the handle that reads them.
  FileHandle file_;
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

/// Where a reader waits that has read a member, for one behind it.
class Archive::Parking {
 public:
  struct Placed {
    Reader reader;
    std::size_t next;  ///< the member that it would come to
  };
  std::optional<Placed> waiting;
  /// Of the members' headers, in `jump_file`; empty: not known.
  std::vector<std::int64_t> offsets;
  std::filesystem::path jump_file;  ///< empty: members are not to be jumped to
  FileHandle unpacked_tar;
  int steps_back = 0;  ///< where members are not to be jumped to
  std::uint64_t passed = 0;

  /// Reads one member, then waits.
  class Source : public ByteSource {
   public:
    Source(std::shared_ptr<Parking> parking, Placed placed)
        : parking_(std::move(parking)), placed_(std::move(placed)) {}
    ~Source() override {
      if (is_sound_) parking_->waiting.emplace(std::move(placed_));
    }
    std::size_t read(std::span<char> buffer) override {
      is_sound_ = false;
      const auto count = placed_.reader.read(buffer);
      is_sound_ = true;
      return count;
    }

   private:
    std::shared_ptr<Parking> parking_;
    Placed placed_;
    bool is_sound_ = true;
  };
};

Archive::Archive(const std::filesystem::path& path)
    : path_(path), parking_(std::make_shared<Parking>()) {
  Reader reader(path);
  for (std::string member; reader.next(member);) {
    if (!places_.emplace(member, members_.size()).second) {
      throw InputError("{}: has {} twice. Unpack it, and give the one that is meant to --input.",
                       path.string(), member);
    }
    members_.push_back(member);
    parking_->offsets.push_back(reader.offset());
  }
  is_zip_ = reader.is_zip();
  if (!reader.is_tar()) parking_->offsets.clear();
  if (reader.is_tar() && !reader.is_packed()) parking_->jump_file = path;
}

/// Makes members ones to be jumped to, if there is a way, once it is worth it.
void Archive::make_jumpable() const {
  constexpr int kFree = 2;  // Few members cost less to pass again than to write.
  if (!parking_->jump_file.empty()) return;
  if (is_zip_) return find_zip_offsets();
  if (!parking_->offsets.empty() && ++parking_->steps_back == kFree + 1) unpack_tar();
}

/// Writes the tar within a compressed one into a file without a name, in which members can be
/// jumped to. Where there is no room for it each member behind costs a pass.
void Archive::unpack_tar() const {
  auto name = (std::filesystem::temp_directory_path() / "nnrec-tar-XXXXXX").string();
  const int descriptor = ::mkostemp(name.data(), O_CLOEXEC);
  if (descriptor < 0) return;
  ::unlink(name.c_str());
  FileHandle file(::fdopen(descriptor, "w+b"));
  if (!file) {
    ::close(descriptor);
    return;
  }
  Reader tar(path_, Reader::Formats::none);
  std::string member;
  std::vector<char> buffer(tar.next(member) ? kReadBytes : 0);
  while (const auto count = tar.read(buffer)) {
    if (std::fwrite(buffer.data(), 1, count, file.get()) != count) return;
  }
  if (std::fflush(file.get()) != 0) return;
  parking_->passed += members_.size();
  parking_->unpacked_tar = std::move(file);
  parking_->jump_file = fmt::format("/proc/self/fd/{}", descriptor);
}

/// A zip is listed by the directory at its end, which says to nobody but libarchive where members
/// lie; read from its start they come one behind the other.
void Archive::find_zip_offsets() const {
  std::unordered_map<std::string, std::int64_t> found;
  try {
    Reader reader(path_, 0, path_.string());
    for (std::string member; reader.next(member); ++parking_->passed) {
      found.emplace(member, reader.offset());
    }
  } catch (const Error&) {
    return;  // Lost is speed: something stands in front, or between the members.
  }
  std::vector<std::int64_t> offsets;
  for (const auto& member : members_) {
    const auto place = found.find(member);
    if (place == found.end()) return;
    offsets.push_back(place->second);
  }
  parking_->offsets = std::move(offsets);
  parking_->jump_file = path_;
}

Archive::~Archive() = default;
Archive::Archive(Archive&&) noexcept = default;

std::uint64_t Archive::members_passed() const noexcept {
  return parking_->passed;
}

std::unique_ptr<ByteSource> Archive::open(const std::string& member) const {
  const auto place = places_.find(member);
  if (place == places_.end()) throw InputError("{}: has no file {}", path_.string(), member);
  const std::size_t wanted = place->second;
  std::optional<Parking::Placed> placed;
  const auto& waiting = parking_->waiting;
  if (waiting && waiting->next > wanted) make_jumpable();
  const bool jumps = !parking_->jump_file.empty();
  if (waiting && (jumps ? waiting->next == wanted : waiting->next <= wanted)) {
    placed.emplace(std::move(*parking_->waiting));
  } else if (jumps) {
    placed.emplace(Parking::Placed{
        Reader(parking_->jump_file, parking_->offsets[wanted], path_.string()), wanted});
  } else {
    placed.emplace(Parking::Placed{Reader(path_), 0U});
  }
  parking_->waiting.reset();
  for (std::string name; placed->next <= wanted; ++placed->next) {
    ++parking_->passed;
    const bool is_there = placed->reader.next(name);
    if (!is_there || (placed->next == wanted && name != member)) {
      throw InputError("{}: {} is not there any more: the file has changed while it was read",
                       path_.string(), member);
    }
  }
  return std::make_unique<Parking::Source>(parking_, std::move(*placed));
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
