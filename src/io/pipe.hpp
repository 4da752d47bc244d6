#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "nnrec/io/byte_source.hpp"

namespace nnrec::io {

/// Bytes that come once: the standard input, a named pipe, a process substitution. What its first
/// readers look at is kept, so that the reader that goes to the end has it, too.
class Pipe {
 public:
  /// "-" is the standard input.
  static bool is_one(const std::filesystem::path& path);
  /// Throws InputError when it cannot be opened.
  static std::shared_ptr<Pipe> open(const std::filesystem::path& path);

  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;
  ~Pipe();

  /// From the first byte on. Only one reader may go beyond the first megabytes, and no other may
  /// come after it: InternalError.
  static std::unique_ptr<ByteSource> read(const std::shared_ptr<Pipe>& pipe);

 private:
  friend class PipeSource;
  Pipe(int descriptor, std::string name) : descriptor_(descriptor), name_(std::move(name)) {}
  std::size_t take(std::span<char> buffer);
  bool is_drained() const;  ///< and has not ended

  int descriptor_;
  std::string name_;
  std::string kept_;     ///< of the first bytes, those that were read
  bool passed_ = false;  ///< bytes beyond kept_ were read
};

}  // namespace nnrec::io
