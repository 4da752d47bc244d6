#pragma once

#include <cstddef>
#include <filesystem>

#include "nnrec/serve/model.hpp"

namespace nnrec::serve {

/// The whole model as ONNX: what it reads of a rating in, the rating out, for any number of rows.
/// Inputs: NAME_row (n), int64, a row of the table that a column looks up; NAME_rows (n, slots),
/// int64, those of a list, filled up with -1; age, normalised_timestamp (n), float. Output: rating
/// (n), float, as Predictor gives it within rounding. What each row stands for is written beside
/// it. Throws InputError: too large for ONNX; IoError.
void export_onnx(const Model& model, const std::filesystem::path& path);

/// Inputs of that model, by their names, of the first `rows` ratings of the test part (of the
/// training part, where there is none), with `user`, `item` and `rating` beside them: to try a
/// runtime by. Throws IoError, InputError naming a file of the set.
void export_onnx_rows(const Model& model, std::size_t rows, const std::filesystem::path& path);

}  // namespace nnrec::serve
