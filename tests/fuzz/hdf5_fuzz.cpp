// Other people's HDF5 and MATLAB files, whole ones: data sets of any names, types, shapes and
// values. Where three of them are columns of ratings by their names, the ratings are these.
#include <limits>

#include "nnrec/import/format.hpp"

#include "edited_h5.hpp"
#include "ingest_text.hpp"
#include "support/foreign_h5.hpp"

namespace nnrec {
namespace {

using testing::ForeignH5;

template <typename T, std::size_t n>
const T& pick(fuzz::Numbers& input, const std::array<T, n>& choices) {
  return choices[input.next<std::uint8_t>() % n];
}

double any_value(fuzz::Numbers& input) {
  constexpr std::array kOthers{std::numeric_limits<double>::quiet_NaN(),
                               std::numeric_limits<double>::infinity(),
                               -1.0,
                               0.5,
                               1e300,
                               5e-324,
                               9.78e12,
                               978'300'760.0,
                               1'500'000'000'123.0,
                               18'446'744'073'709'551'615.0};
  const auto choice = input.next<std::uint8_t>();
  return choice < 200 ? choice % 10 : kOthers[choice % kOthers.size()];
}

std::vector<double> any_values(fuzz::Numbers& input, std::uint64_t count) {
  std::vector<double> values(count);
  for (auto& value : values) value = any_value(input);
  return values;
}

ForeignH5::Type any_type(fuzz::Numbers& input) {
  return static_cast<ForeignH5::Type>(input.next<std::uint8_t>() % 8);
}

/// A column of `rows`: of one dimension, lying or standing.
ForeignH5::Shape column_shape(fuzz::Numbers& input, std::uint64_t rows) {
  return pick(input, std::array<ForeignH5::Shape, 3>{{{rows}, {rows, 1}, {1, rows}}});
}

/// A data set of any kind, numbers or texts.
void add_any(fuzz::Numbers& input, ForeignH5& file, const std::string& name) {
  const std::uint64_t rows = input.next<std::uint8_t>() % 9;
  const std::uint64_t columns = input.next<std::uint8_t>() % 6;
  switch (input.next<std::uint8_t>() % 8) {
    case 0:
      return file.add_texts(name, std::vector<const char*>(rows, "a,\"b\"\n"));
    case 1:
      return file.add_cells(name, std::string(rows * 4, 'x'), 4);
    case 2:
      return file.add_records(
          name, std::vector<ForeignH5::Record>(rows, {7, 1LL << 40, static_cast<float>(columns)}));
    case 3:
      return file.add(name, any_values(input, rows * columns), {rows, columns}, any_type(input));
    case 4:
      return file.add(name, any_values(input, rows), {rows}, any_type(input), 1 + columns);
    default:
      return file.add(name, any_values(input, rows), column_shape(input, rows), any_type(input));
  }
}

void write_any(fuzz::Numbers& input, const std::filesystem::path& path) {
  ForeignH5 file(path, pick(input, std::array{ForeignH5::Kind::plain, ForeignH5::Kind::matlab}));
  std::vector<std::string> names{"user",   "item",      "rating", "timestamp", "other, one",
                                 "M/ir",   "M/jc",      "M/data", "N",         "X",
                                 "a/user", "a/movieId", "a/stars"};
  for (int sets = 1 + input.next<std::uint8_t>() % 7; sets > 0; --sets) {
    const auto name = names.begin() + input.next<std::uint8_t>() % static_cast<int>(names.size());
    add_any(input, file, *name);
    if (*name == "M/ir") file.attribute("M", "MATLAB_sparse", input.next<std::uint8_t>());
    names.erase(name);
  }
}

importing::RatingFile open_ratings(const std::filesystem::path& path,
                                   importing::LayoutOptions options) {
  options.now = 1'800'000'000;
  const auto tree = std::make_shared<io::InputTree>(path);
  const importing::FileView view(tree, tree->given_file());
  const auto formats = importing::formats();
  const auto hdf5 = std::find_if(formats.begin(), formats.end(),
                                 [](const auto* format) { return format->name() == "hdf5"; });
  fuzz::require((*hdf5)->is_written_so(view), "HDF5 is recognised");
  return (*hdf5)->read(view, options);
}

void read_any(fuzz::Numbers& input) {
  const auto path = fuzz::folder() / "any.h5";
  importing::LayoutOptions options;
  options.columns = pick(input, std::array<std::string, 4>{"", "rating=N", "rating=M",
                                                           "user=X,item=item,rating=rating"});
  if (input.next<std::uint8_t>() % 2 == 0) options.not_rated = {0};
  write_any(input, path);
  fuzz::allow_refusal([&] { fuzz::ingest(open_ratings(path, options)); });
}

/// Ratings in columns with known names beside any data sets of other lengths.
void read_planted(fuzz::Numbers& input) {
  const auto path = fuzz::folder() / "planted.h5";
  const std::uint64_t rows = 10 + input.next<std::uint8_t>() % 8;
  std::vector<double> users, items, ratings;
  for (std::uint64_t row = 0; row < rows; ++row) {
    users.push_back(1 + static_cast<double>(row));
    items.push_back(input.next<std::uint8_t>() % 100);
    ratings.push_back(input.next<std::uint8_t>() % 10 / 2.0);
  }
  {
    ForeignH5 file(path, pick(input, std::array{ForeignH5::Kind::plain, ForeignH5::Kind::matlab}));
    const auto others = any_values(input, input.next<std::uint8_t>() % 9);
    file.add("other", others, column_shape(input, others.size()), any_type(input));
    file.add(pick(input, std::array{"user", "userId", "user_id", "reviewerID"}), users,
             column_shape(input, rows), any_type(input));
    file.add(pick(input, std::array{"item", "movieId", "asin", "product_id"}), items,
             column_shape(input, rows), any_type(input));
    file.add(pick(input, std::array{"rating", "stars", "overall", "score"}), ratings,
             column_shape(input, rows), ForeignH5::Type::f32);
  }
  const auto read = fuzz::ingest(open_ratings(path, {})).ratings;
  fuzz::require(read.table.rows() == rows, "all ratings are read");
  for (std::uint64_t row = 0; row < rows; ++row) {
    fuzz::require(read.users.id(read.table.user[row]) == fmt::format("{}", users[row]) &&
                      read.items.id(read.table.item[row]) == fmt::format("{}", items[row]) &&
                      read.table.rating[row] == static_cast<float>(ratings[row]),
                  "ratings are those that were written");
  }
}

}  // namespace
}  // namespace nnrec

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace nnrec;
  fuzz::Numbers input(std::span(data, size));
  if (input.next<std::uint8_t>() % 2 == 0) {
    read_any(input);
  } else {
    read_planted(input);
  }
  return 0;
}
