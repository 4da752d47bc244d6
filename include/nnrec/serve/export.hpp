#pragma once

#include <filesystem>

#include "nnrec/serve/model.hpp"
#include "nnrec/serve/training_facts.hpp"

namespace nnrec::serve {

/// A trained model for other programs, with the ids of people's files. Each throws IoError.

/// Into a folder: for each table that users or titles are looked up in NAME_vectors.tsv (numbers,
/// a row an id, no header: as TensorBoard's projector reads them) and NAME_metadata.tsv (a header,
/// then a line for each row: of users id and training ratings; of titles also the items' ids).
void export_tsv(const Model& model, const TrainingFacts& facts,
                const std::filesystem::path& folder);

/// Into a .npz: all blocks of parameters by name, of looked-up tables without row 0 (out of
/// vocabulary) where they are of users or titles; user_ids, user_ratings, item_ids, item_ratings,
/// item_titles (indices into titles), titles.
void export_npz(const Model& model, const TrainingFacts& facts, const std::filesystem::path& path);

/// The same into an HDF5 file, the blocks in the group parameters; texts as FORMAT.md has them.
void export_hdf5(const Model& model, const TrainingFacts& facts, const std::filesystem::path& path);

}  // namespace nnrec::serve
