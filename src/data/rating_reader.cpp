#include "nnrec/data/rating_reader.hpp"

#include "nnrec/base/error.hpp"

#include "movielens_100k.hpp"

namespace nnrec::data {
namespace {

/// A format is one line here and one reader beside this file; "auto" asks them in this order.
struct Format {
  const char* name;
  bool (*recognises)(const ReaderOptions&);
  std::unique_ptr<RatingReader> (*open)(const ReaderOptions&);
};

template <typename Reader>
std::unique_ptr<RatingReader> make(const ReaderOptions& options) {
  return std::make_unique<Reader>(options);
}

constexpr Format kFormats[] = {
    {MovieLens100K::kFormat, &MovieLens100K::recognises, &make<MovieLens100K>},
};

std::string known_formats() {
  std::string text;
  for (const auto& format : kFormats) text += (text.empty() ? "" : ", ") + std::string(format.name);
  return text;
}

}  // namespace

std::vector<std::string> reader_formats() {
  std::vector<std::string> names;
  for (const auto& format : kFormats) names.emplace_back(format.name);
  return names;
}

std::unique_ptr<RatingReader> open_reader(const ReaderOptions& options) {
  if (!std::filesystem::exists(options.input)) {
    throw InputError("{}: does not exist. Give --input a folder or file of ratings.",
                     options.input.string());
  }
  for (const auto& format : kFormats) {
    if (options.format == format.name) return format.open(options);
    if (options.format == "auto" && format.recognises(options)) return format.open(options);
  }
  if (options.format != "auto") {
    throw UsageError("--format {} is unknown. Use auto or one of: {}.", options.format,
                     known_formats());
  }
  throw InputError(
      "{}: is in none of the formats that nnrec knows ({}), by its file names and first "
      "line. Name one with --format to see what is wrong.",
      options.input.string(), known_formats());
}

}  // namespace nnrec::data
