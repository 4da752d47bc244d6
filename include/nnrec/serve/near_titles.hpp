#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace nnrec::serve {

/// The titles that were probably meant by `text`, `most` at most: first those that contain it,
/// whatever the case and on whichever side a leading article stands ("The Godfather" is in
/// "Godfather, The (1972)"), the shortest first; then those that nearest_names() finds. A text of
/// digits, or of one or two letters, is contained in too many to say anything.
std::vector<std::string> near_titles(std::string_view text, const std::vector<std::string>& titles,
                                     std::size_t most);

}  // namespace nnrec::serve
