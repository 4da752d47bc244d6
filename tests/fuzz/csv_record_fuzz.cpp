// Records and fields of CSV: quotes, doubled and escaped quotes, line ends within quotes.
#include "import/fields.hpp"
#include "support.hpp"

namespace nnrec {
namespace {

void try_quoting(std::string_view text, importing::Quoting quoting) {
  const importing::Records records(",", quoting);
  importing::Fields fields(",", quoting);
  const auto size = text.size();
  const auto whole = records.whole(text);
  fuzz::require(whole <= size, "whole records are a part of the text");
  fuzz::require(whole == 0 || text[whole - 1] == '\n', "a whole record has its line end");
  std::uint64_t lines = 0;
  std::size_t taken = 0;
  bool meets_whole = whole == 0;
  while (!text.empty()) {
    const auto before = text.size();
    const auto record = records.take(text);
    fuzz::require(text.size() < before, "every record takes text");
    fuzz::require(!record.open || text.empty(), "an open record has all that is left");
    taken += before - text.size();
    lines += record.lines;
    meets_whole = meets_whole || taken == whole;
    if (!fields.cut(record.text)) continue;
    fuzz::require(fields.size() > 0, "a record has a field");
    std::size_t bytes = 0;
    for (const auto field : fields.all()) bytes += field.size();
    fuzz::require(bytes <= record.text.size(), "fields hold no more than their record");
  }
  fuzz::require(taken == size, "records use the text up");
  fuzz::require(lines <= size + 1, "a line has a byte");
  fuzz::require(meets_whole, "blocks end where records do");
}

}  // namespace
}  // namespace nnrec

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using nnrec::importing::Quoting;
  const auto text = nnrec::fuzz::text_of(data, size);
  for (const auto quoting :
       {Quoting::none, Quoting::one_line, Quoting::rfc4180, Quoting::backslash}) {
    nnrec::try_quoting(text, quoting);
  }
  return 0;
}
