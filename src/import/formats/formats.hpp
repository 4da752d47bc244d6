#pragma once

#include "nnrec/import/format.hpp"

namespace nnrec::importing {

/// The objects of the registry, each defined in the file of its name.
const Format& ml_100k();
const Format& ml_1m();
const Format& ml_10m();
const Format& ml_csv();
const Format& movietweetings();
const Format& netflix();
const Format& recbole();
const Format& book_crossing();
const Format& goodbooks();
const Format& anime();
const Format& matrix_market();
const Format& matrix();
const Format& hdf5();
const Format& json();
const Format& delimited();

}  // namespace nnrec::importing
