#include "nnrec/features/extra.hpp"

#include <algorithm>
#include <vector>

#include "nnrec/base/error.hpp"
#include "nnrec/base/nearest_name.hpp"
#include "nnrec/base/text.hpp"

namespace nnrec::features {
namespace {

Extra find_extra(std::string_view name) {
  std::vector<std::string> known;
  for (const ExtraName& one : kExtraNames) {
    if (one.name == name) return one.extra;
    known.emplace_back(one.name);
  }
  throw UsageError("{}; or give all or none", not_one_of(name, known));
}

}  // namespace

ExtraSet parse_extras(std::string_view text) {
  ExtraSet extras;
  if (text == "all") extras.members.fill(true);
  if (text == "all" || text == "none") return extras;
  for (const std::string_view name : split(text, ',')) extras[find_extra(name)] = true;
  return extras;
}

std::string text_of(const ExtraSet& extras) {
  std::string text;
  for (const ExtraName& one : kExtraNames) {
    if (extras.has(one.extra)) text += fmt::format("{}{}", text.empty() ? "" : ",", one.name);
  }
  return text.empty() ? "none" : text;
}

}  // namespace nnrec::features
