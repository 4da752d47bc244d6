#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>

namespace nnrec {

/// SHA-256 of bytes fed in pieces; the digest is 64 lower-case hexadecimal digits.
class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(const Sha256&) = delete;
  Sha256& operator=(const Sha256&) = delete;

  void update(std::span<const std::byte> bytes);
  void update(const std::string& text) { update(std::as_bytes(std::span(text))); }
  /// Ends the computation; the object cannot be fed afterwards.
  std::string hex_digest();

 private:
  struct Context;
  std::unique_ptr<Context> context_;
};

}  // namespace nnrec
