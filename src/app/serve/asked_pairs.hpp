#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "nnrec/http/message.hpp"

namespace nnrec::app {

/// A pair to be rated, by the ids of people's files.
struct AskedPair {
  std::string user;
  std::string item;
  std::optional<std::int64_t> time;
};

struct AskedPairs {
  std::vector<AskedPair> pairs;
  bool clip = false;
};

/// Of /predict?user=ID&item=ID[&time=T][&clip=true], or the body
/// {"pairs": [{"user": ID, "item": ID, "time": T}, ...], "clip": true}, where an id is a text or a
/// whole number. Throws UsageError naming the pair, its field and the rule.
AskedPairs asked_pairs(const http::Request& request);

}  // namespace nnrec::app
