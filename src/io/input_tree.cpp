#include "nnrec/io/input_tree.hpp"

#include <algorithm>

#include "nnrec/base/error.hpp"

#include "archive.hpp"

namespace nnrec::io {
namespace {
namespace fs = std::filesystem;

std::string base_name(const std::string& member) {
  return fs::path(member).filename().string();
}

/// What some systems leave in archives beside the files themselves.
bool is_debris(const std::string& member) {
  return member.starts_with("__MACOSX/") || base_name(member).starts_with("._") ||
         base_name(member) == ".DS_Store";
}

bool is_single_stream(const std::vector<std::string>& members) {
  return members.size() == 1 && members.front().empty();
}

}  // namespace

InputTree::InputTree(const fs::path& path) : root_(path) {
  std::error_code status;
  if (!fs::exists(path, status)) {
    throw InputError("{}: does not exist. Give --input a folder, file or archive of ratings.",
                     path.string());
  }
  if (fs::is_directory(path, status)) return;
  if (recognise_packing(path) != Packing::none) {
    auto members = list_members(path);
    if (!is_single_stream(members)) {
      std::erase_if(members, is_debris);
      if (members.empty()) throw InputError("{}: is an archive without files", path.string());
      members_ = std::move(members);
      if (members_.size() == 1) given_file_ = base_name(members_.front());
      return;
    }
  }
  given_file_ = path.filename().string();
  root_ = path.has_parent_path() ? path.parent_path() : fs::path(".");
}

std::string InputTree::member_of(const std::string& name) const {
  std::string best;
  for (const auto& member : members_) {
    if (base_name(member) != name && member != name) continue;
    if (best.empty() || member.size() < best.size()) best = member;
  }
  return best;
}

bool InputTree::has(const std::string& name) const {
  std::error_code status;
  return members_.empty() ? fs::is_regular_file(root_ / name, status) : !member_of(name).empty();
}

std::vector<std::string> InputTree::names() const {
  std::vector<std::string> names;
  if (!given_file_.empty()) return {given_file_};
  for (const auto& member : members_) names.push_back(base_name(member));
  if (members_.empty()) {
    for (const auto& entry : fs::directory_iterator(root_)) {
      if (entry.is_regular_file()) names.push_back(entry.path().filename().string());
    }
  }
  std::sort(names.begin(), names.end());
  return names;
}

std::string InputTree::label(const std::string& name) const {
  return (root_ / name).lexically_normal().string();
}

std::uint64_t InputTree::bytes(const std::string& name) const {
  std::error_code status;
  if (!members_.empty()) return 0;
  const auto size = fs::file_size(root_ / name, status);
  return status ? 0 : size;
}

std::unique_ptr<ByteSource> InputTree::open(const std::string& name) const {
  if (!has(name)) throw InputError("{}: does not exist", label(name));
  if (!members_.empty()) return open_member(root_, member_of(name));
  const auto path = root_ / name;
  if (recognise_packing(path) == Packing::none) return open_file(path);
  const auto members = list_members(path);
  if (!is_single_stream(members)) {
    throw InputError(
        "{}: is an archive of {} files where one file is expected. Give it to --input "
        "by itself.",
        label(name), members.size());
  }
  return open_member(path, "");
}

}  // namespace nnrec::io
