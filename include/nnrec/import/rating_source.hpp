#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "nnrec/import/format.hpp"
#include "nnrec/import/rating_ingest.hpp"
#include "nnrec/import/raw_catalogue.hpp"
#include "nnrec/io/input_tree.hpp"

namespace nnrec::import {

struct SourceOptions {
  /// A folder, an archive, or files of ratings (several are one data set).
  std::vector<std::filesystem::path> inputs;
  std::string format = "auto";
  /// Names within the folder or archive; empty: the format's usual file.
  std::vector<std::string> rating_files;
  LayoutOptions layout;
  Encoding encoding = Encoding::automatic;
};

/// A data set as people have it: rating files in a known layout, and what lies beside them.
class RatingSource {
 public:
  /// Recognises format and layout by content. Throws InputError naming what is missing or wrong.
  explicit RatingSource(const SourceOptions& options);

  std::string_view format() const noexcept { return format_->name(); }
  /// The format's name and its layout, for the report.
  std::string description() const;
  const std::vector<RatingFile>& files() const noexcept { return files_; }
  /// The scale that the format fixes, if it does.
  std::optional<shards::RatingScale> scale() const { return format_->scale(); }

  /// Empty for a format without catalogue. The files read are added to `read`.
  RawCatalogue read_catalogue(std::vector<SourceFile>& read) const;

 private:
  void choose_files();
  void choose_format(const SourceOptions& options);
  std::string head_of(const RatingFile& file) const;

  std::vector<std::shared_ptr<io::InputTree>> trees_;
  std::vector<std::string> wanted_files_;
  Encoding encoding_;
  const Format* format_ = nullptr;
  std::vector<RatingFile> files_;
};

}  // namespace nnrec::import
