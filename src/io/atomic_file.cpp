#include "nnrec/io/atomic_file.hpp"

#include <array>
#include <cerrno>
#include <cstdio>
#include <fstream>
#include <system_error>

#include <fcntl.h>
#include <unistd.h>

#include "nnrec/base/error.hpp"
#include "nnrec/base/file_handle.hpp"
#include "nnrec/base/system.hpp"

#include "descriptor.hpp"

namespace nnrec::io {
namespace {

constexpr std::string_view kTemporaryMark = ".partial-";

std::filesystem::path folder_of(const std::filesystem::path& path) {
  return path.has_parent_path() ? path.parent_path() : std::filesystem::path(".");
}

/// Whether there is something, at the end of all links, that is no file and no folder.
bool is_stream(const std::filesystem::path& path) {
  namespace fs = std::filesystem;
  std::error_code ignored;
  const fs::file_status status = fs::status(path, ignored);
  return fs::exists(status) && !fs::is_regular_file(status) && !fs::is_directory(status);
}

/// Whether it stands for a descriptor, as /proc/self/fd/1, to which /dev/stdout leads, does.
bool is_descriptor(const std::filesystem::path& path) {
  std::error_code ignored;
  const auto folder = std::filesystem::canonical(folder_of(path), ignored);
  return folder.filename() == "fd" && folder.string().starts_with("/proc/");
}

/// Where a chain of links ends, whether or not there is a file yet.
std::filesystem::path end_of_links(const std::filesystem::path& named) {
  namespace fs = std::filesystem;
  constexpr int kMostLinks = 40;  // as the system itself follows
  std::error_code ignored;
  fs::path path = named;
  for (int link = 0; link < kMostLinks && fs::is_symlink(path, ignored); ++link) {
    if (is_descriptor(path)) {
      throw UsageError(
          "{}: leads to a file that is open already, and would be replaced beneath its writer; "
          "give the file's own name, or - where a program takes that for the standard output",
          named.string());
    }
    path = folder_of(path) / fs::read_symlink(path, ignored);
  }
  return path;
}

/// A new empty file beside `path`; the exclusive creation makes the name unique among processes
/// and threads.
std::filesystem::path make_temporary(const std::filesystem::path& path) {
  for (int attempt = 0;; ++attempt) {
    const auto name =
        fmt::format(".{}{}{}-{}", path.filename().string(), kTemporaryMark, ::getpid(), attempt);
    auto temporary = folder_of(path) / name;
    const Descriptor file(::open(temporary.c_str(), O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0666));
    if (file.get() >= 0) return temporary;
    if (errno != EEXIST) {
      throw IoError("{}: cannot create a file in its folder: {}", path.string(), system_reason());
    }
  }
}

[[noreturn]] void throw_unreadable(const std::filesystem::path& path, const std::string& reason) {
  throw IoError("{}: cannot be read: {}. Try again, or make it readable.", path.string(), reason);
}

}  // namespace

bool is_there(const std::filesystem::path& path) {
  std::error_code unknown;
  const bool found = std::filesystem::exists(path, unknown);
  if (unknown) throw_unreadable(path, unknown.message());
  return found;
}

std::string read_text(const std::filesystem::path& path) {
  if (!is_there(path)) return {};
  // A pipe without a writer would be waited for, perhaps for ever.
  if (!std::filesystem::is_regular_file(path)) {
    throw InputError("{}: is {}, where a file belongs; move it away", path.string(),
                     std::filesystem::is_directory(path) ? "a folder" : "no regular file");
  }
  const FileHandle file(std::fopen(path.c_str(), "rb"));
  if (!file) throw_unreadable(path, system_reason());
  std::string text;
  std::array<char, 1 << 16> bytes;
  while (const auto count = std::fread(bytes.data(), 1, bytes.size(), file.get()))
    text.append(bytes.data(), count);
  if (std::ferror(file.get()) != 0) throw_unreadable(path, system_reason());
  return text;
}

bool is_temporary_name(std::string_view name) noexcept {
  return name.starts_with('.') && name.find(kTemporaryMark) != std::string_view::npos;
}

void flush_to_device(const std::filesystem::path& path) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.get() < 0) throw IoError("{}: cannot open: {}", path.string(), system_reason());
  // EINVAL: the file system has no such operation for this kind of file; nothing more can be done.
  if (::fsync(file.get()) != 0 && errno != EINVAL) {
    throw IoError("{}: cannot flush to the device: {}", path.string(), system_reason());
  }
}

void require_place(const std::filesystem::path& path, Links links) {
  std::error_code ignored;
  if (std::filesystem::is_directory(path, ignored))
    throw IoError("{}: is a folder; give the name of a file", path.string());
  if (links == Links::followed && !is_stream(path)) end_of_links(path);
}

StagedFile::StagedFile(std::filesystem::path final_path, Links links)
    : final_(std::move(final_path)), is_file_(!is_stream(final_)) {
  if (!is_file_) return;
  require_place(final_, links);
  if (links == Links::followed) final_ = end_of_links(final_);
  temporary_ = make_temporary(final_);
}

StagedFile::~StagedFile() {
  std::error_code ignored;  // The error on its way to the caller says more.
  if (!temporary_.empty()) std::filesystem::remove(temporary_, ignored);
}

void StagedFile::publish() {
  if (!is_file_) return;
  flush_to_device(temporary_);
  if (::rename(temporary_.c_str(), final_.c_str()) != 0) {
    throw IoError("{}: cannot be replaced: {}", final_.string(), system_reason());
  }
  temporary_.clear();
  flush_to_device(folder_of(final_));
}

void under_final_name(const std::filesystem::path& temporary,
                      const std::filesystem::path& final_path, const std::function<void()>& write) {
  const std::string name = temporary.string();
  try {
    write();
  } catch (const IoError& error) {
    std::string text = error.what();
    const std::string wanted = final_path.string();
    for (auto at = text.find(name); at != std::string::npos;
         at = text.find(name, at + wanted.size()))
      text.replace(at, name.size(), wanted);
    throw IoError("{}", text);
  }
}

void write_atomically(const std::filesystem::path& path,
                      const std::function<void(const std::filesystem::path& temporary)>& write,
                      Links links) {
  StagedFile file(path, links);
  under_final_name(file.path(), path, [&] {
    write(file.path());
    file.publish();
  });
}

void write_text_atomically(const std::filesystem::path& path, std::string_view text, Links links) {
  write_atomically(
      path,
      [&](const std::filesystem::path& temporary) {
        std::ofstream file(temporary, std::ios::binary);
        file << text << std::flush;
        if (!file) throw IoError("{}: cannot be written: {}", path.string(), system_reason());
      },
      links);
}

}  // namespace nnrec::io
