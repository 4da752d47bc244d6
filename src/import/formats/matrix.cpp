// A matrix of users by items, a row a user, as Jester's; only where --format says so.
#include "formats.hpp"
#include "import/matrix_reader.hpp"

namespace nnrec::importing {
namespace {

class Matrix : public Format {
 public:
  std::string_view name() const override { return "matrix"; }
  std::string_view about() const override { return "a row a user, a column an item: Jester"; }
  /// Every table of numbers may be one: a person says so.
  std::optional<std::string> recognise(const FileView&, const LayoutOptions&) const override {
    return std::nullopt;
  }
  RatingFile read(const FileView& file, const LayoutOptions& options) const override {
    require_unsaid(options, {"time-format"}, "a matrix");
    const auto layout = find_matrix_layout(file.head(), options, file.label());
    return {file.name(), file.label(), [file] { return file.open(); }, read_matrix(layout)};
  }
};

}  // namespace

const Format& matrix() {
  static const Matrix format;
  return format;
}

}  // namespace nnrec::importing
