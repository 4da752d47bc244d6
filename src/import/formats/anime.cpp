// Lists of anime as MyAnimeList has them (rating.csv or animelist.csv, and anime.csv): from 1 to
// 10; -1, or 0 in later copies, is "watched, not rated".
#include "formats.hpp"
#include "import/named_catalogue.hpp"

namespace nnrec::importing {
namespace {

class Anime : public Format {
 public:
  std::string_view name() const override { return "anime"; }
  std::string_view about() const override { return "lists of anime"; }
  std::optional<shards::RatingScale> scale(const FileView&) const override {
    return shards::RatingScale{1, 10};
  }
  std::vector<float> not_rated() const override { return {-1, 0}; }
  std::optional<std::string> recognise(const FileView& file,
                                       const LayoutOptions& options) const override {
    constexpr std::string_view kHeader = "user_id,anime_id,rating";
    if (!file.head().text.starts_with(kHeader) || !own_layout(file, options)) return std::nullopt;
    return fmt::format("the header begins with {}", kHeader);
  }
  RawCatalogue read_catalogue(SideFiles& files) const override {
    RawCatalogue catalogue;
    files.read("anime.csv", [&](std::string_view text, const std::string& label) {
      return read_items(
          text, label,
          {{",", Quoting::rfc4180}, "animeid malid", "name title", "", "genre genres", ","},
          catalogue);
    });
    return catalogue;
  }
};

}  // namespace

const Format& anime() {
  static const Anime format;
  return format;
}

}  // namespace nnrec::importing
