#pragma once

#include "formats.hpp"

namespace nnrec::import {

/// What data sets of *.dat files share: fields between "::", ratings.dat, movies.dat, users.dat.
class DatFormat : public Format {
 public:
  std::vector<std::string> usual_files() const override { return {"ratings.dat"}; }
  std::string separator() const override { return "::"; }
  RawCatalogue read_catalogue(SideFiles& files) const override;

 protected:
  /// What the values of a file's first lines show.
  struct Glance {
    bool off_five = false;      ///< a rating of 0, or above 5
    bool fraction = false;      ///< a rating that is no whole number
    bool leading_zero = false;  ///< an item id like 0104257
  };
  /// Nothing for a file of other fields, or without movies.dat beside it.
  static std::optional<Glance> glance(const RatingsView& view);
};

}  // namespace nnrec::import
