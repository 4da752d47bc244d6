#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "nnrec/import/rating_layout.hpp"
#include "nnrec/import/raw_catalogue.hpp"
#include "nnrec/io/input_tree.hpp"
#include "nnrec/shards/rating_scale.hpp"

namespace nnrec::import {

/// What a format is asked about: the start of a file of ratings, and what lies beside it.
struct RatingsView {
  const io::InputTree& tree;
  std::string_view head;  ///< whole lines
  const RatingLayout& layout;
};

/// The files that lie beside the ratings, as texts in UTF-8.
class SideFiles {
 public:
  /// Reads a text; `label` names it in messages. Returns the number of lines that say something.
  using Parse = std::function<std::uint64_t(std::string_view text, const std::string& label)>;

  virtual ~SideFiles() = default;
  /// Returns false, without a call of `parse`, where there is no such file.
  virtual bool read(const std::string& name, const Parse& parse) = 0;
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
  /// The names that its file of ratings has in a folder or archive.
  virtual std::vector<std::string> usual_files() const { return {}; }
  /// Between the fields of a line; empty: look.
  virtual std::string separator() const { return {}; }
  /// The ratings that it allows, where it fixes them.
  virtual std::optional<shards::RatingScale> scale() const { return std::nullopt; }
  /// The sentence that says by what a file is known to be of this format; nothing when it is not.
  virtual std::optional<std::string> recognise(const RatingsView& view) const = 0;
  /// Throws InputError at a line that does not parse: file:line:column.
  virtual RawCatalogue read_catalogue(SideFiles&) const { return {}; }
};

/// All formats; one that says more of a file stands before one that says less.
std::span<const Format* const> formats();
/// Throws UsageError listing the formats.
const Format& find_format(std::string_view name);
std::vector<std::string> format_names();

}  // namespace nnrec::import
