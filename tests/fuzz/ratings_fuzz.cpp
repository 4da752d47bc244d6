// A file of ratings in memory: finding its layout, cutting lines, reading fields, numbering ids.
#include "nnrec/io/text_blocks.hpp"

#include "import/delimited_reader.hpp"
#include "ingest_text.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace nnrec;
  const auto text = fuzz::text_of(data, size);
  fuzz::allow_refusal([&] {
    importing::LayoutOptions options;
    options.now = 1'800'000'000;
    const auto layout =
        importing::find_layout({io::without_byte_order_mark(text), true}, options, "ratings");
    fuzz::ingest(text, importing::read_delimited(layout));
  });
  return 0;
}
