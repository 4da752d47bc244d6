// Lines, fields, numbers and the encoding functions, on text in memory.
#include <cmath>

#include "nnrec/io/text_blocks.hpp"

#include "data/fields.hpp"
#include "support.hpp"

namespace nnrec {
namespace {

void read_fields(const data::Fields& fields) {
  for (std::size_t column = 0; column < fields.size(); ++column) {
    fuzz::allow_refusal(
        [&] { fuzz::require(data::is_utf8(fields.id(column, "id")), "an id is UTF-8"); });
    fuzz::allow_refusal([&] { fields.number<float>(column, "float"); });
    fuzz::allow_refusal([&] { fields.number<std::int64_t>(column, "integer"); });
    fuzz::allow_refusal([&] { fields.number<std::uint64_t>(column, "size"); });
  }
}

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
  const std::string path = "input";
  data::Fields tabs(path, '\t');
  data::Fields bars(path, '|');
  std::uint64_t number = 0;
  std::size_t taken = 0;
  const auto size = text.size();
  for (std::string_view line; io::take_line(text, line);) {
    taken += line.size();
    for (auto* fields : {&tabs, &bars}) {
      fields->cut(line, ++number);
      read_fields(*fields);
    }
  }
  fuzz::require(taken <= size && text.empty(), "lines use the text up");
}

}  // namespace
}  // namespace nnrec

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  nnrec::check(nnrec::fuzz::text_of(data, size));
  return 0;
}
