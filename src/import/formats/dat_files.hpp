#pragma once

#include "formats.hpp"

namespace nnrec::importing {

/// What data sets of *.dat files share: fields between "::", ratings.dat, movies.dat, users.dat.
class DatFormat : public Format {
 public:
  bool is_rating_file(std::string_view name) const override { return name == "ratings.dat"; }
  LayoutOptions with_own_layout(const LayoutOptions& options) const override;
  RawCatalogue read_catalogue(SideFiles& files) const override;

 protected:
  /// What the values of a file's first lines show.
  struct Glance {
    bool off_five = false;      ///< a rating of 0, or above 5
    bool fraction = false;      ///< a rating that is no whole number
    bool leading_zero = false;  ///< an item id like 0104257
  };
  /// Nothing for a file of other fields, or without movies.dat beside it.
  std::optional<Glance> glance(const FileView& file, const LayoutOptions& options) const;
};

}  // namespace nnrec::importing
