#pragma once

#include "nnrec/data/rating_reader.hpp"

namespace nnrec::data {

/// The MovieLens 100K folder: u.data (user, item, rating, time; tab separated), u.item ('|'
/// separated, Latin-1, 19 genre flags), u.user, u.genre. Of a single file, or where they are
/// missing, u.item, u.user and u.genre are done without.
class MovieLens100K : public RatingReader {
 public:
  static constexpr const char* kFormat = "ml-100k";

  /// Whether the input looks like this format.
  static bool recognises(const ReaderOptions& options);

  explicit MovieLens100K(const ReaderOptions& options);
  std::string format() const override { return kFormat; }
  bool has_time() const override { return true; }
  std::optional<RatingScale> scale() const override { return RatingScale{1, 5}; }
  void read_ratings(const Consumer& consume) override;
  RawCatalogue read_catalogue() override;
  std::vector<SourceFile> files() const override { return files_; }
  std::string place(const RawRating& rating) const override;

 private:
  void read_rating_file(std::uint32_t index, const Consumer& consume);
  std::vector<std::string> read_genres();
  std::vector<RawItem> read_items(std::size_t genre_count);
  std::vector<RawUser> read_users();
  /// The text of a catalogue file in UTF-8, noted in files_; nothing when it is missing.
  std::optional<std::string> read_catalogue_file(const std::string& name);

  std::filesystem::path folder_;  ///< of the catalogue; empty for a single file
  std::vector<std::filesystem::path> rating_files_;
  std::vector<SourceFile> files_;
};

}  // namespace nnrec::data
