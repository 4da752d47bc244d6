#include "nnrec/io/sealed_write.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <memory>
#include <new>
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

std::uint64_t end_of(const Extent& extent) {
  return extent.first + extent.bytes.size();
}

/// Less than all: see errno.
std::size_t write_at(int file, std::uint64_t offset, std::span<const std::byte> bytes) {
  std::size_t done = 0;
  while (done < bytes.size()) {
    const auto count =
        ::pwrite(file, bytes.data() + done, bytes.size() - done, static_cast<off_t>(offset + done));
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) break;
    done += static_cast<std::size_t>(count);
  }
  return done;
}

/// Where memory and files have to begin, and end, to pass the cache.
constexpr std::size_t kDirectAlignment = 4096;
static_assert(kSealBlockBytes % kDirectAlignment == 0);

}  // namespace

/// The file, and room for a block for each thread.
class SealedWrite::File {
 public:
  /// With room for `bytes` bytes, where the system reserves it; where not, writing will say it.
  File(const fs::path& path, std::uint64_t bytes, std::size_t threads)
      : path_(path),
        cached_(::open(path.c_str(), O_WRONLY | O_CLOEXEC)),
        direct_(::open(path.c_str(), O_WRONLY | O_CLOEXEC | O_DIRECT)),
        rooms_(threads) {
    if (cached_.get() < 0)
      throw IoError("{}: cannot be opened: {}", path.string(), system_reason());
    ::fallocate(cached_.get(), 0, 0, static_cast<off_t>(bytes));
  }
  void write(std::uint64_t offset, std::span<const std::byte> bytes) const {
    if (write_at(cached_.get(), offset, bytes) == bytes.size()) return;
    throw IoError("{}: cannot be written: {}", path_.string(), system_reason());
  }
  /// Requires alignment.
  void write_direct(std::uint64_t offset, std::span<const std::byte> bytes) const {
    const std::size_t done = direct_.get() < 0 ? 0 : write_at(direct_.get(), offset, bytes);
    if (done < bytes.size()) write(offset + done, bytes.subspan(done));
  }
  std::span<std::byte> room(std::size_t thread) {
    Room& room = rooms_[thread];
    if (!room) {
      room.reset(static_cast<std::byte*>(std::aligned_alloc(kDirectAlignment, kSealBlockBytes)));
      if (!room) throw std::bad_alloc();
    }
    return {room.get(), kSealBlockBytes};
  }

 private:
  struct Free {
    void operator()(std::byte* room) const { std::free(room); }
  };
  using Room = std::unique_ptr<std::byte, Free>;
  const fs::path& path_;
  Descriptor cached_;
  Descriptor direct_;  ///< past the cache; some file systems have none
  std::vector<Room> rooms_;
};

SealedWrite::SealedWrite(fs::path path, std::vector<Extent> extents)
    : path_(std::move(path)), extents_(std::move(extents)) {
  std::erase_if(extents_, [](const Extent& extent) { return extent.bytes.empty(); });
  std::ranges::sort(extents_, {}, &Extent::first);
  digests_.resize(extents_.empty() ? 0 : seal_blocks(end_of(extents_.back())));
  // What is small is not worth a thread.
  const auto when =
      digests_.size() > 1 ? std::launch::async | std::launch::deferred : std::launch::deferred;
  written_ = std::async(when, [this] { write_all(); });
}

SealedWrite::~SealedWrite() = default;

void SealedWrite::write_all() {
  if (extents_.empty()) return;
  const std::size_t threads = side_threads();
  File file(path_, end_of(extents_.back()), threads);
  for_each_piece(digests_.size(), threads, [&](std::size_t block, std::size_t thread) {
    const std::uint64_t begin = block * std::uint64_t{kSealBlockBytes};
    const std::vector<Extent> parts = parts_of(begin, begin + kSealBlockBytes);
    std::size_t bytes = 0;
    for (const Extent& part : parts) bytes += part.bytes.size();
    if (bytes < kSealBlockBytes) {  // others write there too
      for (const Extent& part : parts) file.write(part.first, part.bytes);
      return;
    }
    const std::span<std::byte> whole = file.room(thread);
    for (const Extent& part : parts) {
      std::ranges::copy(part.bytes, whole.subspan(part.first - begin).begin());
    }
    Sha256 hash;
    hash.update(whole);
    digests_[block] = hash.digest();
    file.write_direct(begin, whole);
  });
}

/// What extents have between two places of the file.
std::vector<Extent> SealedWrite::parts_of(std::uint64_t begin, std::uint64_t end) const {
  std::vector<Extent> parts;
  const auto first = std::ranges::partition_point(
      extents_, [=](const Extent& extent) { return end_of(extent) <= begin; });
  for (auto extent = first; extent != extents_.end() && extent->first < end; ++extent) {
    const std::uint64_t from = std::max(begin, extent->first);
    const std::uint64_t to = std::min(end, end_of(*extent));
    parts.push_back({from, extent->bytes.subspan(from - extent->first, to - from)});
  }
  return parts;
}

std::string SealedWrite::finish() {
  written_.get();
  return append_block_seal(path_, std::move(digests_));
}

}  // namespace nnrec::io
