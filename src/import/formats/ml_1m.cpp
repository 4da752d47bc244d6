// MovieLens 1M: ratings.dat, movies.dat (Latin-1), users.dat; whole stars.
#include "dat_files.hpp"

namespace nnrec::importing {
namespace {

class MovieLens1M : public DatFormat {
 public:
  std::string_view name() const override { return "ml-1m"; }
  std::string_view about() const override { return "MovieLens 1M"; }
  std::optional<shards::RatingScale> scale(const FileView&) const override {
    return shards::RatingScale{1, 5};
  }
  std::optional<std::string> recognise(const FileView& file,
                                       const LayoutOptions& options) const override {
    const auto seen = glance(file, options);
    if (!seen || seen->off_five || seen->leading_zero || seen->fraction) return std::nullopt;
    return "movies.dat lies beside it, fields are cut by '::', whole stars";
  }
};

}  // namespace

const Format& ml_1m() {
  static const MovieLens1M format;
  return format;
}

}  // namespace nnrec::importing
