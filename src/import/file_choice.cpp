#include "file_choice.hpp"

#include <algorithm>
#include <map>
#include <optional>

#include "nnrec/base/error.hpp"
#include "nnrec/base/text.hpp"
#include "nnrec/base/wording.hpp"

namespace nnrec::importing {
namespace {

constexpr std::size_t kNamesToList = 12;
/// In larger trees only names are looked at.
constexpr std::size_t kFilesToLookAt = 64;

std::string base_name(const std::string& path) {
  return path.substr(path.rfind('/') + 1);
}
std::string folder_of(const std::string& path) {
  return path.substr(0, path.rfind('/') + 1);
}

/// The first format that recognises the file; nullptr where none does.
const Format* recognise(const FileView& view, const Told& told, std::string& evidence) {
  for (const auto* format : formats()) {
    if (told.format != nullptr && format != told.format) continue;
    if (const auto sentence = format->recognise(view, told.layout)) {
      evidence = *sentence;
      return format;
    }
  }
  return nullptr;
}

/// Files of one format in one folder.
struct Group {
  const Format* format;
  std::vector<std::string> paths;
};

class Chooser {
 public:
  Chooser(const std::shared_ptr<const io::InputTree>& tree, const Told& told)
      : tree_(tree), told_(told) {}

  std::vector<ChosenFile> choose() {
    look_at_names();
    look_at_contents();
    if (groups_.size() > 1) refuse_several();
    if (groups_.empty()) refuse_none();
    std::vector<ChosenFile> chosen;
    for (const auto& path : groups_.front().paths) {
      chosen.push_back(
          choose_format(FileView(tree_, path), {groups_.front().format, told_.layout}));
      chosen.back().evidence = evidence_[groups_.front().paths.front()];
    }
    return chosen;
  }

 private:
  void look_at_names() {
    for (const auto* format : formats()) {
      if (told_.format != nullptr && format != told_.format) continue;
      std::map<std::string, std::vector<std::string>> by_folder;
      for (const auto& path : tree_->paths()) {
        if (format->is_rating_file(base_name(path))) by_folder[folder_of(path)].push_back(path);
      }
      for (auto& [folder, paths] : by_folder) {
        const auto evidence = format->recognise(FileView(tree_, paths.front()), told_.layout);
        if (!evidence) continue;
        evidence_[paths.front()] = *evidence;
        groups_.push_back({format, std::move(paths)});
      }
    }
  }

  bool is_settled(const std::string& path) const {
    return std::any_of(groups_.begin(), groups_.end(), [&](const Group& group) {
      const bool own = std::find(group.paths.begin(), group.paths.end(), path) != group.paths.end();
      return own || (folder_of(path) == folder_of(group.paths.front()) &&
                     group.format->is_part(base_name(path)));
    });
  }

  /// Also where a name has settled it: another file of ratings beside it is another candidate.
  void look_at_contents() {
    if (tree_->paths().size() > kFilesToLookAt) return;
    for (const auto& path : tree_->paths()) {
      if (is_settled(path)) continue;
      std::string evidence;
      if (const auto* format = recognise(FileView(tree_, path), told_, evidence)) {
        evidence_[path] = evidence;
        groups_.push_back({format, {path}});
      }
    }
  }

  [[noreturn]] void refuse_several() const {
    std::vector<std::string> names;
    for (const auto& group : groups_) names.push_back(group.paths.front());
    throw InputError(
        "{}: has several files of ratings: {}. Give one itself to --input, or all of them, if they "
        "are one data set{}.",
        tree_->label(""), listed(names, kNamesToList), made_split(names));
  }

  /// What is to be done where two of the files are a split.
  static std::string made_split(const std::vector<std::string>& names) {
    const auto one_named = [&](std::string_view word) -> std::optional<std::string> {
      std::vector<std::string> found;
      for (const auto& name : names) {
        std::string low;
        for (const char c : base_name(name)) low += to_lower(c);
        if (low.find(word) != std::string::npos) found.push_back(name);
      }
      return found.size() == 1 ? std::optional(found.front()) : std::nullopt;
    };
    const auto train = one_named("train");
    const auto test = one_named("test");
    if (!train || !test || *train == *test) return {};
    return fmt::format("; a split that is made: --split files --train {} --test {}", *train, *test);
  }

  [[noreturn]] void refuse_none() const {
    const auto& paths = tree_->paths();
    if (paths.empty()) {
      throw InputError(
          "{}: has no files, or in its own folders only. Give --input the folder that they lie in.",
          tree_->label(""));
    }
    throw InputError(
        "{}: has no file that is known to hold ratings. It has: {}. Give the file itself to "
        "--input.",
        tree_->label(""), listed(paths, kNamesToList));
  }

  const std::shared_ptr<const io::InputTree>& tree_;
  const Told& told_;
  std::vector<Group> groups_;
  std::map<std::string, std::string> evidence_;  ///< by path
};

}  // namespace

ChosenFile choose_format(FileView view, const Told& told) {
  std::string evidence;
  if (told.format != nullptr) return {std::move(view), told.format, "as --format says"};
  if (const auto* format = recognise(view, told, evidence)) {
    return {std::move(view), format, std::move(evidence)};
  }
  refuse_other_kinds(view);
  for (const auto* format : formats()) {
    if (format->is_written_so(view)) return {std::move(view), format, {}};
  }
  if (!view.is_text()) {
    throw InputError("{}: is a binary file, not text. Convert it to CSV.", view.label());
  }
  // The most general format says what is missing.
  return {std::move(view), &find_format("delimited"), {}};
}

std::vector<ChosenFile> choose_files(const std::shared_ptr<const io::InputTree>& tree,
                                     const Told& told) {
  if (tree->given_file().empty()) {
    refuse_other_archives(*tree);
    return Chooser(tree, told).choose();
  }
  std::vector<ChosenFile> chosen;
  chosen.push_back(choose_format(FileView(tree, tree->given_file()), told));
  return chosen;
}

}  // namespace nnrec::importing
