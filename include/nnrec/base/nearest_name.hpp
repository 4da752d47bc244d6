#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace nnrec {

/// Those of `known` that were probably meant by `name`, `most` at most, the nearest first: with the
/// fewest letters inserted, left out, replaced or swapped with their neighbour, or that begin with
/// `name`. Not near is one of which more than a third of the letters differ. Equals in their order.
/// Source: optimal string alignment, after Damerau 1964 (doi:10.1145/363958.363994).
std::vector<std::string> nearest_names(std::string_view name, const std::vector<std::string>& known,
                                       std::size_t most);

/// The first of these; empty where none is near.
std::string nearest_name(std::string_view name, const std::vector<std::string>& known);

/// " (did you mean NEAREST?)", or nothing where none is near: the end of a refusal.
std::string did_you_mean(std::string_view name, const std::vector<std::string>& known);

/// "NAME is not one of A, B, C (did you mean B?)": a refusal without its place.
std::string not_one_of(std::string_view name, const std::vector<std::string>& known);

}  // namespace nnrec
