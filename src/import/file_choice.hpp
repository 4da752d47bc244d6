#pragma once

#include <memory>
#include <string>
#include <vector>

#include "nnrec/import/format.hpp"

namespace nnrec::importing {

/// A file of ratings, and the sentence that says why it is taken for one.
struct ChosenFile {
  FileView view;
  const Format* format;
  std::string evidence;
};

/// What the user says: a format (or nullptr), and of the layout.
struct Told {
  const Format* format = nullptr;
  const LayoutOptions& layout;
};

/// The format of one file: the told one, else the first that recognises it. Throws InputError
/// naming what the file is, or what is missing.
ChosenFile choose_format(FileView view, const Told& told);

/// The files of ratings in a tree: the one that was given; else those that are the ratings of a
/// format by their names; else the one that is known by its content. Throws InputError listing the
/// files when there is none, and when there are several candidates.
std::vector<ChosenFile> choose_files(const std::shared_ptr<const io::InputTree>& tree,
                                     const Told& told);

}  // namespace nnrec::importing
