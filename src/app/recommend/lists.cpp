#include "lists.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "nnrec/base/text.hpp"

namespace nnrec::app {
namespace {

/// What the last column is called.
const char* value_name(std::string_view kind) {
  return kind == "user" ? "rating" : "similarity";
}

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
    using nlohmann::ordered_json;
    ordered_json items = ordered_json::array();
    for (const ListedItem& item : list.items) {
      // The fewest digits that read back to the same float.
      items.push_back({{"item", item.id},
                       {value_name(kind_), std::stod(fmt::format("{}", item.value))},
                       {"title", item.title}});
    }
    const ordered_json object{{kind_ == "user" ? "user" : "similar_to", list.of},
                              {"basis", list.basis},
                              {"items", std::move(items)}};
    return (number == 0 ? "\n" : ",\n") +
           object.dump(-1, ' ', false, ordered_json::error_handler_t::replace);
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
