// Book-Crossing: semicolons, every field in quotes, \" within them, Latin-1; a rating of 0 is an
// implicit one. Copies with commas, and with the quotes left out, are about, too.
#include <algorithm>
#include <array>

#include "formats.hpp"
#include "import/named_catalogue.hpp"

namespace nnrec::importing {
namespace {

/// Quotes left out.
std::string bare(std::string_view line) {
  std::string text(line);
  std::erase(text, '"');
  return text;
}

class BookCrossing : public Format {
 public:
  std::string_view name() const override { return "book-crossing"; }
  std::string_view about() const override { return "Book-Crossing"; }
  bool is_rating_file(std::string_view name) const override {
    return name == "BX-Book-Ratings.csv" || name == "Ratings.csv";
  }
  std::optional<shards::RatingScale> scale(const FileView&) const override {
    return shards::RatingScale{1, 10};
  }
  std::vector<float> not_rated() const override { return {0}; }
  std::optional<std::string> recognise(const FileView& file, const LayoutOptions&) const override {
    constexpr std::array<std::string_view, 4> kHeaders{
        "User-ID;ISBN;Book-Rating", "User-ID,ISBN,Book-Rating", "User-ID;ISBN;Rating",
        "User-ID,ISBN,Rating"};
    auto text = file.head().text;
    std::string_view header;
    if (!io::take_line(text, header)) return std::nullopt;
    if (std::find(kHeaders.begin(), kHeaders.end(), bare(header)) == kHeaders.end()) {
      return std::nullopt;
    }
    return "the header is " + bare(header);
  }
  RawCatalogue read_catalogue(SideFiles& files) const override {
    RawCatalogue catalogue;
    for (const char* name : {"BX-Books.csv", "Books.csv"}) {
      const auto parse = [&](std::string_view text, const std::string& label) {
        const auto header = text.substr(0, text.find('\n'));
        const bool commas = header.find(';') == std::string_view::npos;
        const auto form =
            commas ? RecordForm{",", Quoting::rfc4180} : RecordForm{";", Quoting::backslash};
        return read_items(text, label, {form, "isbn", "booktitle title", "", ""}, catalogue);
      };
      if (files.read(name, parse)) break;
    }
    return catalogue;
  }
};

}  // namespace

const Format& book_crossing() {
  static const BookCrossing format;
  return format;
}

}  // namespace nnrec::importing
