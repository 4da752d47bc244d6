#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace nnrec {

/// The one of `known` that was probably meant by `name`: with the fewest letters inserted, left
/// out, replaced or swapped with their neighbour, or one that begins with `name`. Empty where none
/// is near (more than a third of the letters differ). Of equals, the first.
/// Source: optimal string alignment, after Damerau 1964 (doi:10.1145/363958.363994).
std::string nearest_name(std::string_view name, const std::vector<std::string>& known);

/// " (did you mean NEAREST?)", or nothing where none is near: the end of a refusal.
std::string did_you_mean(std::string_view name, const std::vector<std::string>& known);

/// "NAME is not one of A, B, C (did you mean B?)": a refusal without its place.
std::string not_one_of(std::string_view name, const std::vector<std::string>& known);

}  // namespace nnrec
