// Any text that has a rating a line: what lies beside it says nothing.
#include "formats.hpp"

namespace nnrec::importing {
namespace {

class Delimited : public Format {
 public:
  std::string_view name() const override { return "delimited"; }
  std::string_view about() const override { return "any text of a rating a line"; }
  std::optional<std::string> recognise(const FileView& file,
                                       const LayoutOptions& options) const override {
    if (!own_layout(file, options)) return std::nullopt;
    return "a rating a line";
  }
  LayoutOptions with_own_layout(const LayoutOptions& options) const override { return options; }
};

}  // namespace

const Format& delimited() {
  static const Delimited format;
  return format;
}

}  // namespace nnrec::importing
