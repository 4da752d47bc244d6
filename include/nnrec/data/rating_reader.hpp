#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace nnrec::data {

/// One rating as its source writes it. The ids are valid until the consumer of its block returns.
struct RawRating {
  std::string_view user;
  std::string_view item;
  float value = 0;
  std::int64_t timestamp = 0;  ///< Unix seconds; 0 where the source has no times
  std::uint32_t file = 0;      ///< index into ReaderOptions::rating_files
  std::uint64_t line = 0;      ///< from 1
};

struct RawItem {
  std::string id;
  std::string title;                  ///< valid UTF-8; empty where unknown
  std::vector<std::uint32_t> genres;  ///< indices into RawCatalogue::genres
};

struct RawUser {
  std::string id;
  float age = std::numeric_limits<float>::quiet_NaN();  ///< years; NaN where unknown
  std::string occupation;                               ///< empty where unknown
};

/// What a source knows beside the ratings; a source without a catalogue leaves it empty.
struct RawCatalogue {
  std::vector<RawItem> items;
  std::vector<RawUser> users;
  std::vector<std::string> genres;
};

struct RatingScale {
  float low = 0;
  float high = 0;
};

/// A file that was read, for the report.
struct SourceFile {
  std::string name;
  std::uint64_t bytes = 0;
  std::uint64_t lines = 0;
  std::string encoding;
};

/// A source of ratings in one format. It promises: every field parses as a whole or the place is
/// named; ratings come in the source's order; memory does not grow with the ratings. It does not
/// number users and items, and drops or mends no rating: that is for the stages after it.
class RatingReader {
 public:
  /// Receives the next ratings in order.
  using Consumer = std::function<void(std::span<const RawRating>)>;

  RatingReader() = default;
  RatingReader(const RatingReader&) = delete;
  RatingReader& operator=(const RatingReader&) = delete;
  virtual ~RatingReader() = default;

  virtual std::string format() const = 0;
  virtual bool has_time() const = 0;
  /// The scale that the format fixes, if it does.
  virtual std::optional<RatingScale> scale() const = 0;
  /// Throws InputError: `file:line:column: field = "value" rule. remedy.` (column: field number).
  virtual void read_ratings(const Consumer& consume) = 0;
  virtual RawCatalogue read_catalogue() = 0;
  /// The files read so far, ratings first.
  virtual std::vector<SourceFile> files() const = 0;
  /// Where the value of a rating stands: "file:line:column".
  virtual std::string place(const RawRating& rating) const = 0;
};

struct ReaderOptions {
  std::filesystem::path input;  ///< a folder, or one file of ratings
  std::string format = "auto";
  /// Names within `input` (a folder); empty: the format's usual file.
  std::vector<std::string> rating_files;
};

/// The formats that open_reader knows, beside "auto".
std::vector<std::string> reader_formats();

/// Recognises the format and opens the source. Throws InputError naming what is missing.
std::unique_ptr<RatingReader> open_reader(const ReaderOptions& options);

}  // namespace nnrec::data
