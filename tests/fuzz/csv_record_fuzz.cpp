// Records and fields of CSV: quotes, doubled quotes, line ends within quotes.
#include "import/fields.hpp"
#include "support.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace nnrec;
  auto text = fuzz::text_of(data, size);
  import::Fields fields(",", import::Fields::Quotes::rfc4180);
  std::uint64_t lines = 0;
  std::size_t taken = 0;
  for (std::string_view record; !text.empty();) {
    const auto before = text.size();
    fuzz::require(import::take_record(text, record, lines), "text that is left has a record");
    fuzz::require(text.size() < before, "every record takes text");
    taken += before - text.size();
    if (!fields.cut(record)) continue;
    fuzz::require(fields.size() > 0, "a record has a field");
    std::size_t bytes = 0;
    for (const auto field : fields.all()) bytes += field.size();
    fuzz::require(bytes <= record.size(), "fields hold no more than their record");
  }
  fuzz::require(taken == size, "records use the text up");
  fuzz::require(lines <= size + 1, "a line has a byte");
  return 0;
}
