#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "nnrec/import/format.hpp"
#include "nnrec/import/rating_ingest.hpp"
#include "nnrec/import/raw_catalogue.hpp"
#include "nnrec/io/input_tree.hpp"

namespace nnrec::importing {

struct SourceOptions {
  /// A folder, an archive, a pipe, or files of ratings (several are one data set).
  std::vector<std::filesystem::path> inputs;
  std::string format = "auto";
  /// Names within the folder or archive; empty: the format's own files.
  std::vector<std::string> rating_files;
  LayoutOptions layout;
  Encoding encoding = Encoding::automatic;
};

/// A data set as people have it: files of ratings that are known how to read, and what lies beside
/// them.
class RatingSource {
 public:
  /// Recognises format and layout by evidence. Throws InputError naming what is missing or wrong.
  explicit RatingSource(const SourceOptions& options);

  std::string_view format() const noexcept { return format_->name(); }
  /// The format's name and its layout, for the report.
  std::string description() const;
  /// Why the files are taken for what they are, a sentence each.
  const std::vector<std::string>& evidence() const noexcept { return evidence_; }
  const std::vector<RatingFile>& files() const noexcept { return files_; }
  /// The scale that the format fixes, if it does.
  std::optional<shards::RatingScale> scale() const noexcept { return scale_; }
  /// The format's values that stand for no rating.
  std::vector<float> not_rated() const { return format_->not_rated(); }

  /// Empty for a format without catalogue. The files read are added to `read`.
  RawCatalogue read_catalogue(std::vector<SourceFile>& read) const;
  /// The files of the inputs that are not in `read`.
  std::vector<std::string> left_aside(const std::vector<SourceFile>& read) const;

 private:
  void add(const FileView& view, const Format& format, const std::string& evidence,
           const LayoutOptions& options);

  std::vector<std::shared_ptr<const io::InputTree>> trees_;
  Encoding encoding_;
  const Format* format_ = nullptr;  ///< of the first file
  std::string first_path_;          ///< in the first tree
  std::vector<RatingFile> files_;
  std::set<std::string> labels_;
  std::vector<std::string> evidence_;
  std::optional<shards::RatingScale> scale_;
};

}  // namespace nnrec::importing
