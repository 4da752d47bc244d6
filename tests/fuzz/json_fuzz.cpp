// Objects of JSON in memory, a line each or in an array.
#include "nnrec/io/text_blocks.hpp"

#include "import/json_reader.hpp"
#include "import/json_records.hpp"
#include "ingest_text.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace nnrec;
  const auto text = fuzz::text_of(data, size);
  const auto plain = io::without_byte_order_mark(text);
  if (!importing::begins_with_object(plain)) return 0;
  fuzz::allow_refusal([&] {
    importing::LayoutOptions options;
    options.now = 1'800'000'000;
    fuzz::ingest(
        text, importing::read_json(importing::find_json_layout({plain, true}, options, "ratings")));
  });
  return 0;
}
