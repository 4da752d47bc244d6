#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace nnrec::importing {

/// The bytes of the JSON object that begins `text`, up to the brace that closes it; 0 where that is
/// behind `text`. It does not judge what is between. Requires: `text` begins with '{'.
std::size_t object_size(std::string_view text) noexcept;

/// Without JSON's white space in front.
std::string_view without_space(std::string_view text) noexcept;

/// Whether the text begins as objects of JSON do, one after the other or in an array.
bool begins_with_object(std::string_view text) noexcept;

/// One value of an object, for a table of names and values.
struct JsonMember {
  std::string name;
  std::string value;  ///< as FieldValues takes it; empty for null, an array, an object
};

/// The members of an object in their order. Returns false, with what is wrong in `why`, where the
/// text is no object of JSON, or has a name twice. Slow: for the first few.
bool members_of(std::string_view object, std::vector<JsonMember>& members, std::string& why);

}  // namespace nnrec::importing
