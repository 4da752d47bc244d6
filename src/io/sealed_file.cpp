#include "nnrec/io/sealed_file.hpp"

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <span>
#include <string_view>
#include <system_error>
#include <vector>

#include "nnrec/base/error.hpp"
#include "nnrec/base/file_handle.hpp"
#include "nnrec/base/sha256.hpp"
#include "nnrec/base/system.hpp"

namespace nnrec::io {
namespace {
namespace fs = std::filesystem;

constexpr std::string_view kSealHead = "nnrec-seal-1 sha256 ";
constexpr std::size_t kDigestLength = 64;
constexpr std::size_t kSealLength = kSealHead.size() + kDigestLength + 1;
constexpr std::size_t kBlockBytes = 1 << 18;

FileHandle open_to_read(const fs::path& path) {
  std::error_code status;
  if (fs::is_directory(path, status))
    throw InputError("{}: is a folder, not a file", path.string());
  FileHandle file(std::fopen(path.c_str(), "rb"));
  if (!file) throw InputError("{}: cannot be read: {}", path.string(), system_reason());
  std::setvbuf(file.get(), nullptr, _IONBF, 0);
  return file;
}

/// The digest of the next `bytes` bytes.
std::string digest_of(const FileHandle& file, std::uint64_t bytes, const fs::path& path) {
  Sha256 hash;
  std::vector<std::byte> block(std::min<std::uint64_t>(bytes, kBlockBytes));
  while (bytes > 0) {
    const auto wanted = static_cast<std::size_t>(std::min<std::uint64_t>(bytes, block.size()));
    if (std::fread(block.data(), 1, wanted, file.get()) != wanted) {
      throw InputError("{}: cannot be read to its end. Copy or make it again.", path.string());
    }
    hash.update(std::span(block).first(wanted));
    bytes -= wanted;
  }
  return hash.hex_digest();
}

std::uint64_t size_of(const fs::path& path) {
  std::error_code status;
  const auto size = fs::file_size(path, status);
  if (status) throw InputError("{}: cannot be read: {}", path.string(), status.message());
  return size;
}

std::string read_line(const FileHandle& file, std::size_t length) {
  std::string line(length, '\0');
  line.resize(std::fread(line.data(), 1, length, file.get()));
  return line;
}

bool is_seal(std::string_view line) {
  return line.size() == kSealLength && line.starts_with(kSealHead) && line.back() == '\n';
}

}  // namespace

std::string append_seal(const fs::path& path) {
  std::string digest;
  try {
    digest = digest_of(open_to_read(path), size_of(path), path);
  } catch (const InputError& error) {
    throw IoError("{}", error.what());  // We wrote this file: not the user's input.
  }
  const std::string line = fmt::format("{}{}\n", kSealHead, digest);
  std::FILE* file = std::fopen(path.c_str(), "ab");
  bool written = file != nullptr && std::fwrite(line.data(), 1, line.size(), file) == line.size();
  // The buffer meets the device in fclose: its result decides.
  if (file != nullptr) written = std::fclose(file) == 0 && written;
  if (!written) throw IoError("{}: cannot append the seal: {}", path.string(), system_reason());
  return digest;
}

std::string check_seal(const fs::path& path) {
  const FileHandle file = open_to_read(path);
  const auto size = size_of(path);
  if (size == 0) throw InputError("{}: is empty. Copy or make it again.", path.string());
  const bool long_enough = size > kSealLength;
  const std::string digest = long_enough ? digest_of(file, size - kSealLength, path) : "";
  const std::string line = long_enough ? read_line(file, kSealLength) : "";
  if (!is_seal(line)) {
    throw InputError(
        "{}: has no seal at its end: it is truncated or nnrec did not write it. "
        "Copy or make it again.",
        path.string());
  }
  if (line.substr(kSealHead.size(), kDigestLength) != digest) {
    throw InputError(
        "{}: is damaged: its SHA-256 differs from the one in its seal. Copy or make it again.",
        path.string());
  }
  return digest;
}

std::string stated_digest(const fs::path& path) {
  const auto size = size_of(path);
  if (size <= kSealLength) return "";
  const FileHandle file = open_to_read(path);
  const auto start = static_cast<std::int64_t>(size - kSealLength);
  if (std::fseek(file.get(), static_cast<long>(start), SEEK_SET) != 0) return "";
  const std::string line = read_line(file, kSealLength);
  return is_seal(line) ? line.substr(kSealHead.size(), kDigestLength) : "";
}

bool has_seal(const fs::path& path) {
  return !stated_digest(path).empty();
}

}  // namespace nnrec::io
