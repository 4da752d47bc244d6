#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <span>
#include <string>

namespace nnrec {

using Sha256Digest = std::array<std::byte, 32>;

/// SHA-256 of bytes fed in pieces.
class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(const Sha256&) = delete;
  Sha256& operator=(const Sha256&) = delete;

  void update(std::span<const std::byte> bytes);
  void update(const std::string& text) { update(std::as_bytes(std::span(text))); }
  /// Ends the computation; the object cannot be fed afterwards.
  Sha256Digest digest();
  /// As digest(), in 64 lower-case hexadecimal digits.
  std::string hex_digest();

 private:
  struct Context;
  std::unique_ptr<Context> context_;
};

}  // namespace nnrec
