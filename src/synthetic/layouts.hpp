#pragma once

#include <filesystem>
#include <functional>
#include <string_view>
#include <vector>

#include "nnrec/synthetic/writer.hpp"

#include "text_file.hpp"

namespace nnrec::synthetic {

/// A file beside the ratings.
struct SyntheticSideFile {
  std::string_view name;
  void (*write)(const SyntheticSet& set, SyntheticTextFile& file);
};

/// How one public data set writes things: a layout is one entry of the table behind layout_of().
struct LayoutStyle {
  std::string_view ratings_file;
  std::string_view header;
  std::string_view separator;
  int item_digits;     ///< ids have zeros in front up to this length
  int value_decimals;  ///< at least so many
  std::vector<SyntheticSideFile> side_files;
};
const LayoutStyle& style_of(SyntheticLayout layout);

}  // namespace nnrec::synthetic
