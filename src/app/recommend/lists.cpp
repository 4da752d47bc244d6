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
      text += fmt::format("{:>5}  {:.4f}  {:<8}  {}\n", i + 1, item.value, item.id, item.title);
    }
    return text;
  }
  std::string end() const override { return ""; }

 private:
  std::string kind_;
};

class CsvLists final : public ListFormat {
 public:
  explicit CsvLists(std::string kind) : kind_(std::move(kind)) {}

  std::string begin() const override {
    return fmt::format("{},rank,{},{},title,basis\n", kind_ == "user" ? "user" : "similar_to",
                       "item", value_name(kind_));
  }
  std::string list(const ItemList& list, std::size_t) const override {
    std::string text;
    for (std::size_t i = 0; i < list.items.size(); ++i) {
      const ListedItem& item = list.items[i];
      text += fmt::format("{},{},{},{},{},{}\n", csv_field(list.of), i + 1, csv_field(item.id),
                          item.value, csv_field(item.title), list.basis);
    }
    return text;
  }
  std::string end() const override { return ""; }

 private:
  std::string kind_;
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

std::unique_ptr<ListFormat> make_list_format(const std::string& name, const std::string& kind) {
  if (name == "csv") return std::make_unique<CsvLists>(kind);
  if (name == "json") return std::make_unique<JsonLists>(kind);
  return std::make_unique<TextLists>(kind);
}

}  // namespace nnrec::app
