#include "nnrec/run/run_options.hpp"

#include <algorithm>

#include "nnrec/base/numbers.hpp"
#include "nnrec/models/variants.hpp"

namespace nnrec::run {

std::vector<std::string> RunOptions::variant_names() const {
  std::vector<std::string> names;
  if (variant == "all") {
    for (const auto& known : models::variants()) names.emplace_back(known.name);
    return names;
  }
  for (std::size_t begin = 0; begin <= variant.size();) {
    const std::size_t end = std::min(variant.find(',', begin), variant.size());
    names.push_back(variant.substr(begin, end - begin));
    begin = end + 1;
  }
  return names;
}

std::uint64_t RunOptions::memory_limit_bytes() const {
  return parse_byte_size(memory_limit).value_or(0);
}

}  // namespace nnrec::run
