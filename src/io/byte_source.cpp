#include "nnrec/io/byte_source.hpp"

#include <cstdio>
#include <system_error>

#include "nnrec/base/error.hpp"
#include "nnrec/base/file_handle.hpp"
#include "nnrec/base/system.hpp"

namespace nnrec::io {
namespace {

constexpr std::size_t kReadBytes = 1 << 18;

class FileSource : public ByteSource {
 public:
  explicit FileSource(const std::filesystem::path& path) : path_(path.string()) {
    std::error_code status;
    if (std::filesystem::is_directory(path, status)) {
      throw InputError("{}: is a folder where a file is expected", path_);
    }
    file_.reset(std::fopen(path.c_str(), "rb"));
    if (!file_) throw InputError("{}: cannot be read: {}", path_, system_reason());
    std::setvbuf(file_.get(), nullptr, _IONBF, 0);
  }

  std::size_t read(std::span<char> buffer) override {
    const auto count = std::fread(buffer.data(), 1, buffer.size(), file_.get());
    if (std::ferror(file_.get()) != 0) {
      throw IoError("{}: cannot be read to its end: {}", path_, system_reason());
    }
    return count;
  }

 private:
  std::string path_;
  FileHandle file_;
};

}  // namespace

std::unique_ptr<ByteSource> open_file(const std::filesystem::path& path) {
  return std::make_unique<FileSource>(path);
}

std::string read_all(ByteSource& source) {
  std::string text;
  for (std::size_t kept = 0;; kept = text.size()) {
    text.resize(kept + kReadBytes);
    const auto count = source.read(std::span(text).subspan(kept));
    text.resize(kept + count);
    if (count == 0) return text;
  }
}

std::string read_head(ByteSource& source, std::size_t most) {
  std::string text(most, '\0');
  std::size_t size = 0;
  for (std::size_t count = 1; count > 0 && size < most; size += count) {
    count = source.read(std::span(text).subspan(size));
  }
  text.resize(size);
  return text;
}

}  // namespace nnrec::io
