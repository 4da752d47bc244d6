#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "nnrec/import/file_view.hpp"
#include "nnrec/import/rating_ingest.hpp"
#include "nnrec/import/raw_catalogue.hpp"
#include "nnrec/shards/rating_scale.hpp"

namespace nnrec::importing {

/// The files that lie beside the ratings, as texts in UTF-8.
class SideFiles {
 public:
  /// Reads a text; `label` names it in messages. Returns the number of lines that say something.
  using Parse = std::function<std::uint64_t(std::string_view text, const std::string& label)>;

  virtual ~SideFiles() = default;
  /// Returns false, without a call of `parse`, where there is no such file.
  virtual bool read(const std::string& name, const Parse& parse) = 0;
  /// The name of the (first) file of ratings, without folders.
  virtual std::string rating_file() const = 0;
};

/// A kind of data set that people have: which files are its own, how it is recognised, how they are
/// read. One object, one file of src/import/formats, one line of the registry (formats.cpp);
/// detection, help texts and --format come from there.
class Format {
 public:
  virtual ~Format() = default;

  virtual std::string_view name() const = 0;
  /// What it is, for help texts: "MovieLens 100K".
  virtual std::string_view about() const = 0;

  /// Whether a file of ratings has this name in a folder or archive of the format.
  virtual bool is_rating_file(std::string_view) const { return false; }
  /// Whether a file of this name holds a part of the same ratings once more, as folds do.
  virtual bool is_part(std::string_view) const { return false; }
  /// The sentence that says by what a file is known to be of this format, read as `options` say;
  /// nothing when it is not.
  virtual std::optional<std::string> recognise(const FileView& file,
                                               const LayoutOptions& options) const = 0;

  /// Whether a file is written as the format has it, whatever it holds: then the format says what
  /// is wrong with it.
  virtual bool is_written_so(const FileView&) const { return false; }

  /// How the file is read. `options`: what the user says. Throws InputError where the format's
  /// promises are broken or something is not settled.
  virtual RatingFile read(const FileView& file, const LayoutOptions& options) const;
  /// The ratings that it allows, where it fixes them.
  virtual std::optional<shards::RatingScale> scale(const FileView&) const { return std::nullopt; }
  /// Values that stand for no rating.
  virtual std::vector<float> not_rated() const { return {}; }
  /// Throws InputError at a line that does not parse: file:line:column.
  virtual RawCatalogue read_catalogue(SideFiles&) const { return {}; }

  /// What the format fixes of the layout, where the user says nothing else.
  virtual LayoutOptions with_own_layout(const LayoutOptions& options) const { return options; }

 protected:
  /// The file's layout with what the format fixes; nothing where it has another, or where less than
  /// half of its first records are ratings.
  std::optional<RatingLayout> own_layout(const FileView& file, const LayoutOptions& options) const;
};

/// All formats; one that says more of a file stands before one that says less.
std::span<const Format* const> formats();
/// Throws UsageError listing the formats.
const Format& find_format(std::string_view name);
std::vector<std::string> format_names();

}  // namespace nnrec::importing
