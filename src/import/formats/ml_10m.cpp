// MovieLens 10M: ratings.dat and movies.dat; half stars, no users.
#include "dat_files.hpp"

namespace nnrec::importing {
namespace {

class MovieLens10M : public DatFormat {
 public:
  std::string_view name() const override { return "ml-10m"; }
  std::string_view about() const override { return "MovieLens 10M"; }
  std::optional<shards::RatingScale> scale(const FileView&) const override {
    return shards::RatingScale{0.5, 5};
  }
  std::optional<std::string> recognise(const FileView& file,
                                       const LayoutOptions& options) const override {
    const auto seen = glance(file, options);
    if (!seen || seen->off_five || seen->leading_zero || !seen->fraction) return std::nullopt;
    return "movies.dat lies beside it, fields are cut by '::', half stars";
  }
};

}  // namespace

const Format& ml_10m() {
  static const MovieLens10M format;
  return format;
}

}  // namespace nnrec::importing
