// RecBole's atomic files: tables between tabs whose header has "name:type"; X.inter has the ratings
// (X.train.inter and the like parts of them), X.item and X.user what is known beside them.
#include <algorithm>
#include <array>

#include "formats.hpp"
#include "import/fields.hpp"
#include "import/named_catalogue.hpp"

namespace nnrec::importing {
namespace {

constexpr std::string_view kEnding = ".inter";

/// "user_id:token": a name, and one of RecBole's types.
bool is_typed(std::string_view name) {
  constexpr std::array<std::string_view, 4> kTypes{":token", ":token_seq", ":float", ":float_seq"};
  return std::any_of(kTypes.begin(), kTypes.end(), [&](std::string_view type) {
    return name.size() > type.size() && name.ends_with(type);
  });
}

/// The names that the tables beside X.part.inter may begin with: "X.part", "X".
std::vector<std::string> stems_of(std::string_view name) {
  std::vector<std::string> stems;
  if (name.ends_with(kEnding)) name.remove_suffix(kEnding.size());
  stems.emplace_back(name);
  const auto dot = name.rfind('.');
  if (dot != std::string_view::npos && dot > 0) stems.emplace_back(name.substr(0, dot));
  return stems;
}

class RecBole : public Format {
 public:
  std::string_view name() const override { return "recbole"; }
  std::string_view about() const override { return "RecBole's atomic files"; }
  bool is_rating_file(std::string_view name) const override { return name.ends_with(kEnding); }
  std::optional<std::string> recognise(const FileView& file,
                                       const LayoutOptions& options) const override {
    auto text = file.head().text;
    std::string_view header;
    if (!is_rating_file(file.name()) || !io::take_line(text, header)) return std::nullopt;
    Fields names("\t");
    names.cut(header);
    if (!std::all_of(names.all().begin(), names.all().end(), is_typed)) return std::nullopt;
    if (!own_layout(file, options)) return std::nullopt;
    return "its name ends in .inter, and the header's names have types";
  }
  LayoutOptions with_own_layout(const LayoutOptions& options) const override {
    auto own = options;
    if (own.separator.empty()) own.separator.assign(1, '\t');
    return own;
  }
  RawCatalogue read_catalogue(SideFiles& files) const override {
    RawCatalogue catalogue;
    const ItemTable items{{"\t", Quoting::none},
                          "itemid movieid artistid bookid businessid gmapid productid animeid id",
                          "movietitle title itemname name booktitle productname",
                          "releaseyear year",
                          "class genre genres",
                          " "};
    const auto read = [&](const char* ending, const SideFiles::Parse& parse) {
      for (const auto& stem : stems_of(files.rating_file())) {
        if (files.read(stem + ending, parse)) return;
      }
    };
    read(".item", [&](std::string_view text, const std::string& label) {
      return read_items(text, label, items, catalogue);
    });
    read(".user", [&](std::string_view text, const std::string& label) {
      return read_users(text, label, items.form, catalogue);
    });
    return catalogue;
  }
};

}  // namespace

const Format& recbole() {
  static const RecBole format;
  return format;
}

}  // namespace nnrec::importing
