#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace nnrec::importing {

/// What a text of JSON is where it is one value that holds all ratings in another shape than an
/// object a rating, as pandas and web interfaces write it: its name and what converts it.
struct JsonShape {
  const char* name;    ///< "an object of columns"
  std::string remedy;  ///< a line to run
};

/// The shape of the text that begins with `head`; nothing where none of the known ones shows.
/// Looks at names and brackets only, so that the head may end anywhere.
std::optional<JsonShape> json_shape(std::string_view head);

}  // namespace nnrec::importing
