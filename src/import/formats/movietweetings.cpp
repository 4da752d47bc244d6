// MovieTweetings: ratings.dat from 0 to 10, item ids of IMDb with leading zeros, movies.dat in
// UTF-8.
#include "dat_files.hpp"

namespace nnrec::importing {
namespace {

class MovieTweetings : public DatFormat {
 public:
  std::string_view name() const override { return "movietweetings"; }
  std::string_view about() const override { return "MovieTweetings"; }
  std::optional<shards::RatingScale> scale(const FileView&) const override {
    return shards::RatingScale{0, 10};
  }
  std::optional<std::string> recognise(const FileView& file,
                                       const LayoutOptions& options) const override {
    const auto seen = glance(file, options);
    if (!seen || (!seen->off_five && !seen->leading_zero)) return std::nullopt;
    return "movies.dat lies beside it, fields are cut by '::', ratings are off 1..5 or item ids "
           "begin with 0";
  }
};

}  // namespace

const Format& movietweetings() {
  static const MovieTweetings format;
  return format;
}

}  // namespace nnrec::importing
