#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include "nnrec/base/error.hpp"
#include "nnrec/io/sealed_file.hpp"

#include "support/temporary_folder.hpp"

namespace nnrec::fuzz {

inline std::string_view text_of(const std::uint8_t* data, std::size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

/// Ends the process, which libFuzzer reports with the input, unless `holds`.
inline void require(bool holds, const char* promise) {
  if (holds) return;
  std::fprintf(stderr, "broken promise: %s\n", promise);
  std::abort();
}

/// Runs `read`. The input may be refused; any other error (an InternalError, std::bad_alloc) is a
/// finding and goes on to libFuzzer.
template <typename Read>
void allow_refusal(const Read& read) {
  try {
    read();
  } catch (const InputError&) {
    // The right answer to most inputs.
  }
}

/// One folder a process, for readers that want files; $TMPDIR should be in memory.
inline const testing::TemporaryFolder& folder() {
  static const testing::TemporaryFolder one;
  return one;
}

inline std::filesystem::path write_input(std::string_view name, std::string_view bytes) {
  const auto path = folder() / name;
  testing::write_file(path, bytes);
  return path;
}

/// Writes `content` and a right seal, so that it reaches the reader behind the seal.
inline std::filesystem::path write_sealed(std::string_view name, std::string_view content,
                                          std::string& digest) {
  const auto path = write_input(name, content);
  digest = io::append_seal(path);
  return path;
}

}  // namespace nnrec::fuzz
