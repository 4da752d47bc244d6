#include "nnrec/io/input_tree.hpp"

#include <algorithm>

#include "nnrec/base/error.hpp"

#include "archive.hpp"
#include "pipe.hpp"

namespace nnrec::io {
namespace {
namespace fs = std::filesystem;

constexpr std::size_t kMagicBytes = 512;

/// What some systems leave beside files, and what is not meant to be seen.
bool is_debris(const std::string& path) {
  return path.starts_with("__MACOSX/") || fs::path(path).filename().string().starts_with('.');
}

bool is_single_stream(const std::vector<std::string>& members) {
  return members.size() == 1 && members.front().empty();
}

Packing packing_of(const fs::path& path) {
  return recognise_packing(read_head(*open_file(path), kMagicBytes));
}

/// What tells a packing; of a text the first line suffices, because a pipe that stays open may hold
/// no more.
std::string first_bytes(ByteSource& source) {
  std::string bytes(kMagicBytes, '\0');
  std::size_t size = 0;
  for (std::size_t count = 1; count > 0 && size < kMagicBytes; size += count) {
    const auto end = bytes.find_first_of(std::string_view("\n\0", 2));
    if (end != std::string::npos && bytes[end] == '\n') break;
    count = source.read(std::span(bytes).subspan(size));
  }
  bytes.resize(size);
  return bytes;
}

/// Whether `path` is `name` or ends in it after a '/'.
bool ends_in(std::string_view path, std::string_view name) {
  if (!path.ends_with(name)) return false;
  return path.size() == name.size() || path[path.size() - name.size() - 1] == '/';
}

}  // namespace

InputTree::InputTree(const fs::path& path) : root_(path) {
  if (Pipe::is_one(path)) {
    kind_ = Kind::pipe;
    pipe_ = Pipe::open(path);
    given_file_ = path == "-" ? "standard input" : path.filename().string();
    paths_ = {given_file_};
    return;
  }
  std::error_code status;
  if (!fs::exists(path, status)) {
    throw InputError("{}: does not exist. Give the path of a file, folder or archive.",
                     path.string());
  }
  if (fs::is_directory(path, status)) {
    list_folder();
    return;
  }
  if (packing_of(path) != Packing::none) {
    archive_ = std::make_shared<const Archive>(path);
    if (!is_single_stream(archive_->members())) {
      list_archive();
      return;
    }
  }
  given_file_ = path.filename().string();
  paths_ = {given_file_};
  root_ = path.has_parent_path() ? path.parent_path() : fs::path(".");
}

void InputTree::list_folder() {
  for (const auto& entry : fs::directory_iterator(root_)) {
    if (entry.is_regular_file()) paths_.push_back(entry.path().filename().string());
  }
  std::erase_if(paths_, is_debris);
  std::sort(paths_.begin(), paths_.end());
}

void InputTree::list_archive() {
  kind_ = Kind::archive;
  paths_ = archive_->members();
  std::erase_if(paths_, is_debris);
  std::sort(paths_.begin(), paths_.end());
  if (paths_.empty()) throw InputError("{}: is an archive without files", root_.string());
  if (paths_.size() == 1) given_file_ = paths_.front();
}

bool InputTree::has(const std::string& path) const {
  std::error_code status;
  if (kind_ == Kind::folder) return fs::is_regular_file(root_ / path, status);
  return std::binary_search(paths_.begin(), paths_.end(), path);
}

std::string InputTree::find(const std::string& name) const {
  if (has(name)) return name;
  std::vector<std::string> found;
  for (const auto& path : paths_) {
    if (ends_in(path, name)) found.push_back(path);
  }
  if (found.size() == 1) return found.front();
  if (found.empty()) throw InputError("{}: does not exist", label(name));
  throw InputError("{}: is one of {}. Name it with its folder.", label(name),
                   fmt::join(found, ", "));
}

std::string InputTree::label(const std::string& path) const {
  if (kind_ == Kind::pipe) return given_file_;
  return (root_ / path).lexically_normal().string();
}

std::unique_ptr<ByteSource> InputTree::open(const std::string& path) const {
  if (!has(path)) throw InputError("{}: does not exist", label(path));
  if (kind_ == Kind::archive) return archive_->open(path);
  if (kind_ == Kind::pipe) {
    const auto packing = recognise_packing(first_bytes(*Pipe::read(pipe_)));
    if (packing == Packing::none) return Pipe::read(pipe_);
    return unpack_stream(Pipe::read(pipe_), label(path));
  }
  const auto file = root_ / path;
  if (packing_of(file) == Packing::none) return open_file(file);
  const Archive packed(file);
  if (!is_single_stream(packed.members())) {
    throw InputError(
        "{}: is an archive of {} files where one file is expected. Give it to --input "
        "by itself.",
        label(path), packed.members().size());
  }
  return packed.open("");
}

fs::path InputTree::plain_file(const std::string& path) const {
  if (kind_ != Kind::folder) return {};
  auto file = root_ / path;
  return packing_of(file) == Packing::none ? file : fs::path();
}

std::string beside(const std::string& path, std::string_view name) {
  return fs::path(path.substr(0, path.rfind('/') + 1).append(name)).lexically_normal().string();
}

}  // namespace nnrec::io
