#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "nnrec/import/rating_layout.hpp"
#include "nnrec/io/input_tree.hpp"
#include "nnrec/io/text_form.hpp"

namespace nnrec::importing {

/// A file as formats are asked about it: where it lies, how it begins, and what lies beside it.
class FileView {
 public:
  /// Throws InputError when the file cannot be read.
  FileView(std::shared_ptr<const io::InputTree> tree, std::string path);

  const io::InputTree& tree() const noexcept { return *tree_; }
  const std::string& path() const noexcept { return path_; }
  std::string label() const { return tree_->label(path_); }
  /// Without folders.
  std::string name() const;
  /// The first bytes as they are.
  std::string_view bytes() const noexcept { return bytes_; }
  /// How the text is written; of bytes that are no text it says nothing.
  const io::TextForm& form() const noexcept { return form_; }
  /// The first lines as UTF-8 (or as bytes); empty where the file is no text.
  TextHead head() const noexcept { return {head_, whole_}; }
  bool is_text() const noexcept { return is_text_; }
  bool has_beside(std::string_view name) const;
  /// The text from its start.
  std::unique_ptr<io::ByteSource> open() const;

 private:
  std::shared_ptr<const io::InputTree> tree_;
  std::string path_;
  std::string bytes_;
  io::TextForm form_;
  std::string head_;
  bool whole_ = true;
  bool is_text_ = true;
};

/// Throws InputError naming the kind and one remedy when the bytes are of a kind that is known and
/// not read: a spreadsheet, Parquet, a database, an archive within an archive, ...
void refuse_other_kinds(const FileView& view);
/// The same for archives that are one file to people: spreadsheets, NumPy's arrays.
void refuse_other_archives(const io::InputTree& tree);

}  // namespace nnrec::importing
