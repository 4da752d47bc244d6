// JSON as stores and shops give their reviews away (Amazon, Yelp, Goodreads): an object a rating,
// one a line or all in one array.
#include "nnrec/base/error.hpp"

#include "formats.hpp"
#include "import/json_reader.hpp"
#include "import/json_records.hpp"
#include "import/json_shape.hpp"

namespace nnrec::importing {
namespace {

class Json : public Format {
 public:
  std::string_view name() const override { return "json"; }
  std::string_view about() const override { return "JSON, an object a rating: Amazon, Yelp"; }
  bool is_written_so(const FileView& file) const override {
    const auto text = file.head().text;
    return file.is_text() && (begins_with_object(text) || json_shape(text));
  }
  std::optional<std::string> recognise(const FileView& file,
                                       const LayoutOptions& options) const override {
    if (!is_written_so(file)) return std::nullopt;
    try {
      find_json_layout(file.head(), options, file.label());
    } catch (const InputError&) {
      return std::nullopt;  // Why is said where the file is the only one.
    }
    return "it begins with an object of JSON that has names for user, item and rating";
  }
  RatingFile read(const FileView& file, const LayoutOptions& options) const override {
    if (!is_written_so(file)) {
      throw InputError("{}:1: begins neither with an object of JSON nor with an array of them.",
                       file.label());
    }
    const auto layout = find_json_layout(file.head(), options, file.label());
    return {file.name(), file.label(), [file] { return file.open(); }, read_json(layout)};
  }
};

}  // namespace

const Format& json() {
  static const Json format;
  return format;
}

}  // namespace nnrec::importing
