#pragma once

#include <string>
#include <utility>
#include <vector>

#include "nnrec/base/error.hpp"
#include "nnrec/base/nearest_name.hpp"

#include "option_rules.hpp"

namespace nnrec::app {

/// An option's words and what they mean.
template <typename Meaning>
using Choice = std::vector<std::pair<std::string, Meaning>>;

template <typename Meaning>
std::vector<std::string> words_of(const Choice<Meaning>& choice) {
  std::vector<std::string> words;
  for (const auto& entry : choice) words.push_back(entry.first);
  return words;
}

/// Throws UsageError that lists the words.
template <typename Meaning>
Meaning meaning_of(const std::string& word, const Choice<Meaning>& choice) {
  for (const auto& [known, meaning] : choice)
    if (known == word) return meaning;
  throw UsageError("{}", not_one_of(word, words_of(choice)));
}

template <typename Meaning>
auto word_of(const Choice<Meaning>& choice) {
  return one_of(words_of(choice));
}

}  // namespace nnrec::app
