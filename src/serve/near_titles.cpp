#include "nnrec/serve/near_titles.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "nnrec/base/nearest_name.hpp"
#include "nnrec/base/text.hpp"

namespace nnrec::serve {
namespace {

/// In small letters, a leading article moved behind, in front of a year: "godfather, the (1972)".
std::string filed(std::string_view title) {
  constexpr std::array<std::string_view, 12> kArticles{"the", "a",  "an",  "la",  "le",  "les",
                                                       "el",  "il", "los", "der", "die", "das"};
  const std::string text = lower_case(title);
  const std::size_t blank = text.find(' ');
  if (blank == std::string::npos) return text;
  const std::string article = text.substr(0, blank);
  if (std::ranges::find(kArticles, article) == kArticles.end()) return text;
  std::size_t end = text.rfind(" (");
  if (end == std::string::npos || end <= blank) end = text.size();
  return fmt::format("{}, {}{}", text.substr(blank + 1, end - blank - 1), article,
                     text.substr(end));
}

bool says_something(std::string_view text) {
  constexpr std::size_t kShortest = 3;
  return text.size() >= kShortest &&
         !std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

std::vector<std::string> near_titles(std::string_view text, const std::vector<std::string>& titles,
                                     std::size_t most) {
  std::vector<std::string> near;
  if (says_something(text)) {
    const std::string plain = lower_case(text);
    const std::string moved = filed(text);
    for (const std::string& title : titles) {
      const bool has_plain = lower_case(title).find(plain) != std::string::npos;
      if (has_plain || filed(title).find(moved) != std::string::npos) near.push_back(title);
    }
    std::ranges::stable_sort(near, {}, &std::string::size);
  }
  for (const std::string& name : nearest_names(text, titles, most))
    if (std::ranges::find(near, name) == near.end()) near.push_back(name);
  near.resize(std::min(near.size(), most));
  return near;
}

}  // namespace nnrec::serve
