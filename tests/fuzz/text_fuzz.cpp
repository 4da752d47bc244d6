// The functions of encoding, words and numbers, on text in memory.
#include "nnrec/base/numbers.hpp"
#include "nnrec/import/text.hpp"

#include "support.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace nnrec;
  const auto text = fuzz::text_of(data, size);
  const auto converted = importing::latin1_to_utf8(text);
  fuzz::require(importing::is_utf8(converted), "Latin-1 becomes UTF-8");
  std::size_t characters = 0;
  for (const char c : converted) characters += (c & 0xC0) != 0x80 ? 1 : 0;
  fuzz::require(characters == size, "every byte of Latin-1 becomes one character");
  for (const char c : importing::escaped(text))
    fuzz::require(c >= ' ' && c <= '~', "escaped text is printable");
  if (const auto year = importing::title_year(text))
    fuzz::require(*year >= 0 && *year <= 9999, "a year has four digits");
  parse_number<float>(text);
  parse_number<std::int64_t>(text);
  if (!importing::is_utf8(text)) return 0;
  for (const auto& word : importing::title_words(text))
    fuzz::require(!word.empty() && importing::is_utf8(word), "words of UTF-8 are UTF-8");
  return 0;
}
