#include "lists.hpp"

#include <fmt/format.h>

#include "nnrec/base/text.hpp"

namespace nnrec::app {
namespace {

using serve::ItemList;
using serve::ListedItem;
using serve::value_name;

class TextLists final : public ListFormat {
 public:
  explicit TextLists(std::string kind) : kind_(std::move(kind)) {}

  std::string begin() const override { return ""; }
  std::string list(const ItemList& list, std::size_t number) const override {
    std::string text = fmt::format("{}{} {}", number == 0 ? "" : "\n", kind_, list.of);
    if (list.basis == "popular")
      text += ": without a training rating, so the highest shrunk means (popular)";
    if (list.items.empty()) text += ": no item is left to list";
    text += "\n";
    for (std::size_t i = 0; i < list.items.size(); ++i) {
      const ListedItem& item = list.items[i];
      const std::string deviation =
          item.deviation ? fmt::format(" ±{:.2f}", *item.deviation) : std::string();
      text += fmt::format("{:>5}  {:.4f}{}  {:<8}  {}\n", i + 1, item.value, deviation, item.id,
                          item.title);
    }
    return text;
  }
  std::string end() const override { return ""; }

 private:
  std::string kind_;
};

class CsvLists final : public ListFormat {
 public:
  CsvLists(std::string kind, bool has_deviations)
      : kind_(std::move(kind)), has_deviations_(has_deviations) {}

  std::string begin() const override {
    return fmt::format("{},rank,item,{},{}title,basis\n", kind_ == "user" ? "user" : "similar_to",
                       value_name(kind_), has_deviations_ ? "deviation," : "");
  }
  std::string list(const ItemList& list, std::size_t) const override {
    std::string text;
    for (std::size_t i = 0; i < list.items.size(); ++i) {
      const ListedItem& item = list.items[i];
      text += fmt::format("{},{},{},{},{}{},{}\n", csv_field(list.of), i + 1, csv_field(item.id),
                          item.value, deviation_field(item), csv_field(item.title), list.basis);
    }
    return text;
  }
  std::string end() const override { return ""; }

 private:
  /// Empty between its commas where it is not known.
  std::string deviation_field(const ListedItem& item) const {
    if (!has_deviations_) return "";
    return item.deviation ? fmt::format("{},", *item.deviation) : ",";
  }

  std::string kind_;
  bool has_deviations_;
};

class JsonLists final : public ListFormat {
 public:
  explicit JsonLists(std::string kind) : kind_(std::move(kind)) {}

  std::string begin() const override { return "["; }
  std::string list(const ItemList& list, std::size_t number) const override {
    return (number == 0 ? "\n" : ",\n") + serve::list_json(list, kind_);
  }
  std::string end() const override { return "\n]\n"; }

 private:
  std::string kind_;
};

}  // namespace

std::unique_ptr<ListFormat> make_list_format(const std::string& name, const std::string& kind,
                                             bool has_deviations) {
  if (name == "csv") return std::make_unique<CsvLists>(kind, has_deviations);
  if (name == "json") return std::make_unique<JsonLists>(kind);
  return std::make_unique<TextLists>(kind);
}

}  // namespace nnrec::app
