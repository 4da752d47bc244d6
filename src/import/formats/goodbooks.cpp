// goodbooks-10k: ratings.csv of user_id,book_id,rating and books.csv beside it. In its first
// edition ratings name a book by the column "id" of books.csv.
#include "formats.hpp"
#include "import/named_catalogue.hpp"

namespace nnrec::importing {
namespace {

class Goodbooks : public Format {
 public:
  std::string_view name() const override { return "goodbooks"; }
  std::string_view about() const override { return "goodbooks-10k"; }
  bool is_rating_file(std::string_view name) const override { return name == "ratings.csv"; }
  std::optional<shards::RatingScale> scale(const FileView&) const override {
    return shards::RatingScale{1, 5};
  }
  std::optional<std::string> recognise(const FileView& file, const LayoutOptions&) const override {
    const auto text = file.head().text;
    const bool own =
        text.starts_with("user_id,book_id,rating") || text.starts_with("book_id,user_id,rating");
    if (!own || !file.has_beside("books.csv")) return std::nullopt;
    return "the header has user_id, book_id and rating, and books.csv lies beside it";
  }
  RawCatalogue read_catalogue(SideFiles& files) const override {
    RawCatalogue catalogue;
    files.read("books.csv", [&](std::string_view text, const std::string& label) {
      return read_items(text, label, {{",", Quoting::rfc4180}, "id bookid", "title", "", ""},
                        catalogue);
    });
    return catalogue;
  }
};

}  // namespace

const Format& goodbooks() {
  static const Goodbooks format;
  return format;
}

}  // namespace nnrec::importing
