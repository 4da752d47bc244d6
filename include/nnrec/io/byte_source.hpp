#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <span>
#include <string>

namespace nnrec::io {

/// Bytes that come in order, once: a file, or a file within an archive, unpacked.
class ByteSource {
 public:
  ByteSource() = default;
  ByteSource(const ByteSource&) = delete;
  ByteSource& operator=(const ByteSource&) = delete;
  virtual ~ByteSource() = default;
  /// Fills the front of `buffer`; returns how many bytes came, 0 only at the end (or for an empty
  /// buffer). Throws an Error naming the file: IoError where the system fails, else InputError.
  virtual std::size_t read(std::span<char> buffer) = 0;
  /// Whether read() would wait for who writes into a pipe.
  virtual bool would_wait() const { return false; }
};

/// The bytes of a file as they are. Throws InputError when it cannot be opened.
std::unique_ptr<ByteSource> open_file(const std::filesystem::path& path);

/// The rest of the source.
std::string read_all(ByteSource& source);
/// The next bytes of the source, at most `most`; fewer only at its end.
std::string read_head(ByteSource& source, std::size_t most);

}  // namespace nnrec::io
