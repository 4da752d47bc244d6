#include "nnrec/io/sealed_file.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <span>
#include <string_view>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <unistd.h>

#include "nnrec/base/error.hpp"
#include "nnrec/base/system.hpp"

#include "descriptor.hpp"
#include "seal.hpp"
#include "side_threads.hpp"

namespace nnrec::io {
namespace {
namespace fs = std::filesystem;

/// What a seal's digest is made of, by the start of its line.
constexpr std::string_view kWholeHead = "nnrec-seal-1 sha256 ";
constexpr std::string_view kBlocksHead = "nnrec-seal-2 sha256 ";
static_assert(kWholeHead.size() == kBlocksHead.size());
constexpr std::size_t kDigestLength = 64;
constexpr std::size_t kSealLength = kWholeHead.size() + kDigestLength + 1;
constexpr std::size_t kReadBytes = 1 << 18;

/// A missing file is the user's to mend; what else the system refuses says nothing of the content.
[[noreturn]] void throw_unreadable(const fs::path& path, int error_number) {
  const std::string reason = system_reason(error_number);
  if (error_number == ENOENT || error_number == ENOTDIR)
    throw InputError("{}: cannot be read: {}", path.string(), reason);
  throw IoError(
      "{}: cannot be read: {}. Whether it is whole is not known. Try again, on another machine "
      "where this one keeps failing.",
      path.string(), reason);
}

/// One that waits for a writer would be waited for, and none of them can be read twice.
void require_file(const fs::path& path) {
  std::error_code status;
  const auto kind = fs::status(path, status);
  if (fs::is_directory(kind)) throw InputError("{}: is a folder, not a file", path.string());
  if (!status && fs::is_other(kind))
    throw InputError("{}: is a pipe, a socket or a device, not a file", path.string());
}

Descriptor open_to_read(const fs::path& path) {
  require_file(path);
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) throw_unreadable(path, errno);
  return Descriptor(file);
}

/// Fills `bytes` from `offset` on.
void read_at(const Descriptor& file, std::uint64_t offset, std::span<std::byte> bytes,
             const fs::path& path) {
  while (!bytes.empty()) {
    const auto count = ::pread(file.get(), bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) throw_unreadable(path, errno);
    if (count == 0)  // shorter than it was a moment ago
      throw InputError("{}: cannot be read to its end. Copy or make it again.", path.string());
    bytes = bytes.subspan(static_cast<std::size_t>(count));
    offset += static_cast<std::uint64_t>(count);
  }
}

/// Feeds the bytes from `begin` to `end`.
void feed(Sha256& hash, const Descriptor& file, std::uint64_t begin, std::uint64_t end,
          const fs::path& path) {
  std::vector<std::byte> room(std::min<std::uint64_t>(end - begin, kReadBytes));
  while (begin < end) {
    const auto bytes = std::span(room).first(std::min<std::uint64_t>(end - begin, room.size()));
    read_at(file, begin, bytes, path);
    hash.update(bytes);
    begin += bytes.size();
  }
}

std::string digest_of_all(const Descriptor& file, std::uint64_t size, const fs::path& path) {
  Sha256 hash;
  feed(hash, file, 0, size, path);
  return hash.hex_digest();
}

/// Of the file's first `size` bytes, by blocks; what is known is not read.
std::string digest_of_blocks(const Descriptor& file, std::uint64_t size, const fs::path& path,
                             std::vector<std::optional<Sha256Digest>> known = {}) {
  known.resize(seal_blocks(size));
  for_each_piece(known.size(), side_threads(), [&](std::size_t block, std::size_t) {
    if (known[block]) return;
    const std::uint64_t begin = block * std::uint64_t{kSealBlockBytes};
    Sha256 hash;
    feed(hash, file, begin, std::min(size, begin + kSealBlockBytes), path);
    known[block] = hash.digest();
  });
  Sha256 hash;
  for (const auto& digest : known) hash.update(*digest);
  return hash.hex_digest();
}

std::uint64_t size_of(const fs::path& path) {
  require_file(path);
  std::error_code status;
  const auto size = fs::file_size(path, status);
  if (status) throw_unreadable(path, status.value());
  return size;
}

/// The last bytes of a file of `size` bytes: its seal, where it has one.
std::string last_line(const Descriptor& file, std::uint64_t size, const fs::path& path) {
  std::string line(kSealLength, '\0');
  read_at(file, size - kSealLength, std::as_writable_bytes(std::span(line)), path);
  return line;
}

bool is_seal(std::string_view line) {
  return line.size() == kSealLength &&
         (line.starts_with(kWholeHead) || line.starts_with(kBlocksHead)) && line.back() == '\n';
}

void append_line(const fs::path& path, std::string_view head, const std::string& digest) {
  const std::string line = fmt::format("{}{}\n", head, digest);
  std::FILE* file = std::fopen(path.c_str(), "ab");
  bool written = file != nullptr && std::fwrite(line.data(), 1, line.size(), file) == line.size();
  // The buffer meets the device in fclose: its result decides.
  if (file != nullptr) written = std::fclose(file) == 0 && written;
  if (!written) throw IoError("{}: cannot append the seal: {}", path.string(), system_reason());
}

/// Of a file that we wrote, and that is not the user's input.
template <typename Hash>
std::string append(const fs::path& path, std::string_view head, const Hash& hash) {
  std::string digest;
  try {
    digest = hash(open_to_read(path), size_of(path));
  } catch (const InputError& error) {
    throw IoError("{}", error.what());
  }
  append_line(path, head, digest);
  return digest;
}

}  // namespace

std::string append_seal(const fs::path& path) {
  return append(path, kWholeHead, [&](const Descriptor& file, std::uint64_t size) {
    return digest_of_all(file, size, path);
  });
}

std::string append_block_seal(const fs::path& path,
                              std::vector<std::optional<Sha256Digest>> known) {
  return append(path, kBlocksHead, [&](const Descriptor& file, std::uint64_t size) {
    return digest_of_blocks(file, size, path, std::move(known));
  });
}

std::string check_seal(const fs::path& path) {
  const Descriptor file = open_to_read(path);
  const auto size = size_of(path);
  if (size == 0) throw InputError("{}: is empty. Copy or make it again.", path.string());
  const std::string line = size > kSealLength ? last_line(file, size, path) : "";
  if (!is_seal(line)) {
    throw InputError(
        "{}: has no seal at its end: it is truncated or nnrec did not write it. "
        "Copy or make it again.",
        path.string());
  }
  const std::uint64_t sealed = size - kSealLength;
  const std::string digest = line.starts_with(kBlocksHead) ? digest_of_blocks(file, sealed, path)
                                                           : digest_of_all(file, sealed, path);
  if (line.substr(kWholeHead.size(), kDigestLength) != digest) {
    throw InputError(
        "{}: is damaged: its SHA-256 differs from the one in its seal. Copy or make it again.",
        path.string());
  }
  return digest;
}

std::string stated_digest(const fs::path& path) {
  const auto size = size_of(path);
  if (size <= kSealLength) return "";
  const std::string line = last_line(open_to_read(path), size, path);
  return is_seal(line) ? line.substr(kWholeHead.size(), kDigestLength) : "";
}

bool has_seal(const fs::path& path) {
  return !stated_digest(path).empty();
}

}  // namespace nnrec::io
