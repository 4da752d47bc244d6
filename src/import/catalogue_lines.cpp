#include "catalogue_lines.hpp"

#include <algorithm>

namespace nnrec::importing {
namespace {

constexpr std::string_view kNoGenres = "(no genres listed)";

}  // namespace

void CatalogueLine::fail(std::size_t column, std::string_view name, std::string_view rule) const {
  throw InputError("{}:{}:{}: {} = {} {}. Correct or remove the line.", label, number, column + 1,
                   name, escaped(fields[column]), rule);
}

void CatalogueLine::require_fields(bool fits, std::string_view rule) const {
  if (fits) return;
  throw InputError("{}:{}:{}: the line has {} fields, not {}. Correct the line.", label, number,
                   fields.size(), fields.size(), rule);
}

std::string CatalogueLine::id(std::string_view name) const {
  if (fields[0].empty()) fail(0, name, "is empty");
  return std::string(fields[0]);
}

float CatalogueLine::age(std::size_t column) const {
  const auto age = value<float>(column, "age");
  if (!(age >= 0 && age <= 150)) fail(column, "age", "is outside 0..150 years");
  return age;
}

std::vector<std::uint32_t> genre_list(std::string_view text, std::vector<std::string>& genres,
                                      std::string_view between) {
  std::vector<std::uint32_t> list;
  Fields names{std::string(between)};
  names.cut(text);
  for (const auto name : names.all()) {
    if (name.empty() || name == kNoGenres) continue;
    auto found = std::find(genres.begin(), genres.end(), name);
    if (found == genres.end()) found = genres.insert(found, std::string(name));
    list.push_back(static_cast<std::uint32_t>(found - genres.begin()));
  }
  return list;
}

char gender_of(std::string_view text) noexcept {
  return text == "F" || text == "M" ? text[0] : '\0';
}

char zip_area(std::string_view text) noexcept {
  const std::string_view code = trimmed(text);
  if (code.empty()) return '\0';
  const char first = code[0];
  if (first >= 'a' && first <= 'z') return static_cast<char>(first - 'a' + 'A');
  return (first >= '0' && first <= '9') || (first >= 'A' && first <= 'Z') ? first : '\0';
}

}  // namespace nnrec::importing
