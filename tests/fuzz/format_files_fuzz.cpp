// A file on disk as every format sees it that recognises it, or that is told to read it.
#include "nnrec/import/format.hpp"

#include "ingest_text.hpp"

namespace nnrec::fuzz {
namespace {

void read_as(const importing::Format& format, const importing::FileView& view,
             std::string_view text) {
  importing::LayoutOptions options;
  options.now = 1'800'000'000;
  options.not_rated = {99};
  const bool told = format.name() == "matrix";
  allow_refusal([&] {
    if (!told && !format.is_written_so(view) && !format.recognise(view, options)) return;
    ingest(text, format.read(view, options).reader);
  });
}

}  // namespace
}  // namespace nnrec::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace nnrec;
  const auto text = fuzz::text_of(data, size);
  const auto path = fuzz::write_input("ratings.inter", text);
  fuzz::allow_refusal([&] {
    const auto tree = std::make_shared<io::InputTree>(path);
    const importing::FileView view(tree, tree->given_file());
    if (!view.is_text() || !view.form().is_plain()) return;
    for (const auto* format : importing::formats()) fuzz::read_as(*format, view, text);
  });
  return 0;
}
