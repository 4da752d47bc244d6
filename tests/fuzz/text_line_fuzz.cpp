// Records, fields, numbers and the encoding functions, on text in memory.
#include "data/fields.hpp"
#include "support.hpp"

namespace nnrec {
namespace {

void check_encodings(std::string_view text) {
  fuzz::require(data::is_utf8(data::latin1_to_utf8(text)), "Latin-1 becomes UTF-8");
  for (const char c : data::escaped(text))
    fuzz::require(c >= ' ' && c <= '~', "escaped text is printable");
  if (!data::is_utf8(text)) return;
  for (const auto& word : data::title_words(text))
    fuzz::require(!word.empty() && data::is_utf8(word), "words of UTF-8 are UTF-8");
}

void check(std::string_view text) {
  check_encodings(text);
  data::Fields plain("::");
  data::Fields quoted(",", data::Fields::Quotes::rfc4180);
  std::uint64_t lines = 0;
  std::string_view record;
  while (data::take_record(text, record, lines)) {
    fuzz::require(plain.cut(record) && plain.size() > 0, "without quotes every line has fields");
    if (!quoted.cut(record)) continue;
    for (const auto field : quoted.all()) data::parse_number<float>(field);
  }
  fuzz::require(text.empty(), "records use the text up");
}

}  // namespace
}  // namespace nnrec

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  nnrec::check(nnrec::fuzz::text_of(data, size));
  return 0;
}
