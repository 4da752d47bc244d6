// HDF5, which MATLAB writes from version 7.3 on: columns of equal length with names, a table of 3
// or 4 columns, or a matrix of users by items (dense, or sparse as MATLAB has it). What is found is
// handed on as a text between commas, so that columns are bound by the same evidence as anywhere.
#include <algorithm>
#include <array>
#include <map>

#include "nnrec/base/error.hpp"
#include "nnrec/base/numbers.hpp"
#include "nnrec/base/text.hpp"
#include "nnrec/base/wording.hpp"
#include "nnrec/import/column_names.hpp"
#include "nnrec/io/h5_tables.hpp"

#include "formats.hpp"
#include "import/delimited_reader.hpp"

namespace nnrec::importing {
namespace {

using io::H5Table;
using io::H5Tables;
using Texts = std::vector<std::string>;
using namespace std::string_view_literals;

constexpr std::string_view kMagic = "\x89HDF\r\n\x1a\n"sv;
constexpr std::size_t kNamesToList = 16;
constexpr std::uint64_t kCellsAtOnce = 1 << 17;
constexpr std::size_t kHeadBytes = 1 << 18;
constexpr const char* kMatrixHeader = "user,item,rating\n";

/// Where the ratings of a file are.
struct Plan {
  enum class Kind { columns, table, matrix, sparse };
  Kind kind = Kind::columns;
  std::vector<H5Table> tables;  ///< columns: each; sparse: rows, column ends, values
  bool across = false;          ///< table, matrix: stored as columns x rows
  std::string evidence;
};

std::string leaf(const std::string& name) {
  return name.substr(name.rfind('/') + 1);
}

/// "M (3000 x 4)", as a user of the file sees it.
std::string told(const H5Table& table, bool is_matlab) {
  auto shape = table.shape;
  if (is_matlab) std::reverse(shape.begin(), shape.end());
  return fmt::format("{} ({})", table.name, fmt::join(shape, " x "));
}

std::uint64_t length(const H5Table& table) {
  std::uint64_t all = 1;
  for (const auto extent : table.shape) all *= extent;
  return all;
}

/// Of two dimensions, both more than 1.
bool is_wide(const H5Table& table) {
  return table.shape.size() == 2 && table.shape[0] > 1 && table.shape[1] > 1;
}

class Planner {
 public:
  Planner(const H5Tables& file, const LayoutOptions& options, const std::string& label)
      : file_(file), options_(options), label_(label) {}

  Plan plan() {
    refuse_own_sets();
    if (is_matrix_told()) return matrix_told();
    auto groups = column_groups();
    if (groups.size() > 1) refuse_several(groups);
    if (groups.size() == 1) {
      return {Plan::Kind::columns, std::move(groups.front()), false, "data sets of equal length"};
    }
    auto found = sparse_matrices();
    for (const auto& table : file_.all()) {
      if (is_wide(table) && !is_used(found, table)) found.push_back(wide(table));
    }
    if (found.size() != 1) refuse(found);
    return std::move(found.front());
  }

 private:
  void refuse_own_sets() const {
    const auto kind = file_.text("/", "kind");
    if (!kind || !kind->starts_with("nnrec ")) return;
    throw InputError(
        "{}: is a file of nnrec's own ({}), prepared already. Give the folder to nnrec_dist "
        "--data, "
        "or the ratings that it was made of to --input.",
        label_, *kind);
  }

  bool is_matrix_told() const {
    return options_.columns.starts_with("rating=") &&
           options_.columns.find(',') == std::string::npos;
  }

  Plan matrix_told() const {
    const auto name = options_.columns.substr(options_.columns.find('=') + 1);
    for (auto& plan : sparse_matrices()) {
      if (plan.tables.front().name.starts_with(name + "/")) return plan;
    }
    for (const auto& table : file_.all()) {
      if (table.name == name && is_wide(table)) return wide(table);
    }
    throw InputError("{}: has no matrix {}. It has: {}. Correct --columns.", label_, name, names());
  }

  /// Data sets of one folder and one length that name user, item and rating, or that --columns
  /// names.
  std::vector<std::vector<H5Table>> column_groups() const {
    std::map<std::pair<std::string, std::uint64_t>, std::vector<H5Table>> all;
    for (const auto& table : file_.all()) {
      if (is_wide(table) || length(table) == 0) continue;
      const auto folder = table.name.substr(0, table.name.size() - leaf(table.name).size());
      all[{folder, length(table)}].push_back(table);
    }
    std::vector<std::vector<H5Table>> groups;
    for (auto& [key, tables] : all) {
      if (has_roles(tables)) groups.push_back(std::move(tables));
    }
    return groups;
  }

  bool has_roles(const std::vector<H5Table>& tables) const {
    const auto has = [&](Role role) {
      return std::any_of(tables.begin(), tables.end(), [&](const H5Table& table) {
        const auto told = fmt::format("{}={}", role_name(role), leaf(table.name));
        return role_of(leaf(table.name)) == role ||
               ("," + options_.columns + ",").find("," + told + ",") != std::string::npos;
      });
    };
    return has(Role::user) && has(Role::item) && has(Role::rating);
  }

  Plan wide(const H5Table& table) const {
    const auto [least, most] = std::minmax(table.shape[0], table.shape[1]);
    const bool is_table = (least == 3 || least == 4) && most > 4;
    if (is_table) {
      return {Plan::Kind::table,
              {table},
              table.shape[0] == least,
              fmt::format("{} has {} columns", told(table, file_.is_matlab()), least)};
    }
    return {Plan::Kind::matrix,
            {table},
            file_.is_matlab(),
            fmt::format("{} is a matrix, a row a user, a column an item",
                        told(table, file_.is_matlab()))};
  }

  /// Groups of "ir", "jc" and "data", which MATLAB marks.
  std::vector<Plan> sparse_matrices() const {
    std::vector<Plan> found;
    for (const auto& table : file_.all()) {
      if (leaf(table.name) != "ir") continue;
      const auto folder = table.name.substr(0, table.name.size() - 2);
      const auto rows = file_.number(folder, "MATLAB_sparse");
      const auto* columns = find(folder + "jc");
      const auto* values = find(folder + "data");
      if (!rows || columns == nullptr || values == nullptr || length(*columns) == 0) continue;
      if (length(*values) != length(table)) continue;
      found.push_back(
          {Plan::Kind::sparse,
           {table, *columns, *values},
           false,
           fmt::format("{} is a sparse matrix, a row a user, a column an item ({} x {})",
                       folder.substr(0, folder.size() - 1), *rows, length(*columns) - 1)});
    }
    return found;
  }

  const H5Table* find(const std::string& name) const {
    const auto& all = file_.all();
    const auto found = std::find_if(all.begin(), all.end(),
                                    [&](const H5Table& table) { return table.name == name; });
    return found == all.end() ? nullptr : &*found;
  }

  static bool is_used(const std::vector<Plan>& plans, const H5Table& table) {
    return std::any_of(plans.begin(), plans.end(), [&](const Plan& plan) {
      return std::any_of(plan.tables.begin(), plan.tables.end(),
                         [&](const H5Table& used) { return used.name == table.name; });
    });
  }

  std::string names() const {
    Texts all;
    for (const auto& table : file_.all()) all.push_back(told(table, file_.is_matlab()));
    return all.empty() ? "no data sets of numbers or texts" : listed(all, kNamesToList);
  }

  [[noreturn]] void refuse_several(const std::vector<std::vector<H5Table>>& groups) const {
    Texts all;
    for (const auto& tables : groups) all.push_back(tables.front().name);
    throw InputError(
        "{}: has several sets of columns of ratings, with {}. Keep one of them in the file.",
        label_, listed(all, kNamesToList));
  }

  [[noreturn]] void refuse(const std::vector<Plan>& matrices) const {
    if (matrices.empty()) {
      throw InputError(
          "{}: no data sets of equal length are named as user, item and rating, and there is no "
          "matrix. It has: {}. Name the columns: --columns user=NAME,item=NAME,rating=NAME.",
          label_, names());
    }
    Texts all;
    for (const auto& plan : matrices) all.push_back(plan.evidence);
    throw InputError(
        "{}: several data sets may be the ratings: {}. Name it: --columns rating=NAME.", label_,
        listed(all, kNamesToList));
  }

  const H5Tables& file_;
  const LayoutOptions& options_;
  const std::string& label_;
};

/// The ratings of a file as text between commas.
class PlannedText : public io::ByteSource {
 public:
  PlannedText(const std::filesystem::path& path, std::string label, Plan plan)
      : file_(path), label_(std::move(label)), plan_(std::move(plan)) {
    if (plan_.kind == Plan::Kind::columns) {
      for (const auto& table : plan_.tables) {
        if (&table != &plan_.tables.front()) text_ += ',';
        text_ += csv_field(leaf(table.name));
      }
      text_ += '\n';
    } else if (plan_.kind != Plan::Kind::table) {
      text_ += kMatrixHeader;
    }
    if (plan_.kind == Plan::Kind::sparse) {
      for (const auto& end : vector_part(plan_.tables[1], 0, length(plan_.tables[1]))) {
        ends_.push_back(parse_number<std::uint64_t>(end).value_or(0));
      }
    }
  }

  std::size_t read(std::span<char> buffer) override {
    while (taken_ == text_.size()) {
      text_.clear();
      taken_ = 0;
      if (!make_more()) return 0;
    }
    const auto count = text_.copy(buffer.data(), buffer.size(), taken_);
    taken_ += count;
    return count;
  }

 private:
  const H5Table& first() const { return plan_.tables.front(); }

  /// Rows of text that are there; of a matrix the rows that are stored.
  std::uint64_t rows() const {
    if (plan_.kind == Plan::Kind::table) return first().shape[plan_.across ? 1 : 0];
    return plan_.kind == Plan::Kind::matrix ? first().shape[0] : length(first());
  }

  bool make_more() {
    const std::uint64_t width = plan_.kind == Plan::Kind::matrix ? first().shape[1] : 1;
    const auto most = std::max<std::uint64_t>(kCellsAtOnce / width, 1);
    const auto count = std::min(most, rows() - next_);
    if (count == 0) return false;
    if (plan_.kind == Plan::Kind::matrix) {
      add_matrix(count);
    } else if (plan_.kind == Plan::Kind::sparse) {
      add_sparse(count);
    } else {
      add_fields(count);
    }
    next_ += count;
    return true;
  }

  /// Of a table of one row or one column.
  Texts vector_part(const H5Table& table, std::uint64_t start, std::uint64_t count) const {
    const bool lies = table.shape.size() == 2 && table.shape[0] == 1;
    return file_.read(table,
                      lies ? io::H5Block{0, 1, start, count} : io::H5Block{start, count, 0, 1});
  }

  /// The next values of each column.
  std::vector<Texts> next_columns(std::uint64_t count) const {
    std::vector<Texts> columns;
    if (plan_.kind == Plan::Kind::columns) {
      for (const auto& table : plan_.tables) columns.push_back(vector_part(table, next_, count));
      return columns;
    }
    for (std::uint64_t column = 0; column < first().shape[plan_.across ? 0 : 1]; ++column) {
      columns.push_back(file_.read(first(), plan_.across ? io::H5Block{column, 1, next_, count}
                                                         : io::H5Block{next_, count, column, 1}));
    }
    return columns;
  }

  void add_fields(std::uint64_t count) {
    const auto columns = next_columns(count);
    for (std::uint64_t row = 0; row < count; ++row) {
      for (std::size_t column = 0; column < columns.size(); ++column) {
        if (column > 0) text_ += ',';
        text_ += csv_field(columns[column][row]);
      }
      text_ += '\n';
    }
  }

  void add_cell(std::uint64_t user, std::uint64_t item, const std::string& rating) {
    text_ += fmt::format("{},{},{}\n", user, item, rating);
  }

  void add_matrix(std::uint64_t count) {
    const auto columns = first().shape[1];
    const auto cells = file_.read(first(), {next_, count, 0, columns});
    for (std::uint64_t at = 0; at < cells.size(); ++at) {
      if (cells[at].empty()) continue;
      const auto row = next_ + at / columns + 1;
      const auto column = at % columns + 1;
      add_cell(plan_.across ? column : row, plan_.across ? row : column, cells[at]);
    }
  }

  void add_sparse(std::uint64_t count) {
    const auto rows = vector_part(plan_.tables[0], next_, count);
    const auto values = vector_part(plan_.tables[2], next_, count);
    for (std::uint64_t at = 0; at < count; ++at) {
      while (column_ < ends_.size() && ends_[column_] <= next_ + at) ++column_;
      const auto row = parse_number<std::uint64_t>(rows[at]);
      if (!row || column_ == 0 || column_ == ends_.size()) {
        throw InputError("{}: entry {} of {} entries is in no row or column. Copy the file again.",
                         label_, next_ + at, length(first()));
      }
      add_cell(*row + 1, column_, values[at]);
    }
  }

  H5Tables file_;
  std::string label_;
  Plan plan_;
  std::vector<std::uint64_t> ends_;  ///< sparse: by column, 0 and where each ends
  std::size_t column_ = 0;           ///< sparse: of the next entry, from 1
  std::uint64_t next_ = 0;
  std::string text_;
  std::size_t taken_ = 0;
};

/// Where every cell of a matrix has a value nothing says which are ratings.
void require_missing(const H5Tables& file, const Plan& plan, const LayoutOptions& options,
                     const std::string& label) {
  if (plan.kind != Plan::Kind::matrix || !options.not_rated.empty()) return;
  const H5Table& table = plan.tables.front();
  const auto at_once = std::max<std::uint64_t>(kCellsAtOnce / table.shape[1], 1);
  for (std::uint64_t row = 0; row < table.shape[0]; row += at_once) {
    const auto rows = std::min(at_once, table.shape[0] - row);
    const auto cells = file.read(table, {row, rows, 0, table.shape[1]});
    if (std::any_of(cells.begin(), cells.end(), [](const auto& cell) { return cell.empty(); })) {
      return;
    }
  }
  throw InputError(
      "{}: every cell of the matrix {} has a value. Say which stand for no rating, for example "
      "--missing 0, or --missing none.",
      label, told(table, file.is_matlab()));
}

class Hdf5 : public Format {
 public:
  std::string_view name() const override { return "hdf5"; }
  std::string_view about() const override { return "HDF5, MATLAB 7.3: columns, or a matrix"; }
  /// HDF5 begins where one of these is, behind what others have put in front (MATLAB: 512 bytes).
  bool is_written_so(const FileView& file) const override {
    constexpr std::array<std::size_t, 4> kStarts{0, 512, 1024, 2048};
    return std::any_of(kStarts.begin(), kStarts.end(), [&](std::size_t start) {
      return file.bytes().size() > start && file.bytes().substr(start).starts_with(kMagic);
    });
  }
  std::optional<std::string> recognise(const FileView& file,
                                       const LayoutOptions& options) const override {
    if (!is_written_so(file)) return std::nullopt;
    try {
      find(file, options);
      return "it is HDF5 with data sets of ratings";
    } catch (const InputError&) {
      return std::nullopt;  // Why is said where the file is the only one.
    }
  }
  RatingFile read(const FileView& file, const LayoutOptions& options) const override {
    require_unsaid(options, {"separator", "decimal", "header"}, "HDF5");
    const auto found = find(file, options);
    return {file.name(), file.label(), found.open, read_delimited(found.layout)};
  }

 private:
  struct Found {
    RatingLayout layout;
    std::function<std::unique_ptr<io::ByteSource>()> open;
  };
  static Found find(const FileView& file, const LayoutOptions& options) {
    const auto path = file.tree().plain_file(file.path());
    if (path.empty()) {
      throw InputError("{}: is HDF5, which is read from a file on disk. Unpack it first.",
                       file.label());
    }
    const H5Tables tables(path);
    const auto plan = Planner(tables, options, file.label()).plan();
    require_missing(tables, plan, options, file.label());
    const auto open = [path, plan, label = file.label()] {
      return std::make_unique<PlannedText>(path, label, plan);
    };
    auto own = options;
    own.separator.assign(1, ',');
    own.decimal.assign(1, '.');
    const bool is_matrix = plan.kind == Plan::Kind::matrix || plan.kind == Plan::Kind::sparse;
    if (is_matrix) own.columns.clear();
    std::string head = io::read_head(*open(), kHeadBytes);
    const bool whole = head.size() < kHeadBytes;
    if (!whole) head.resize(head.rfind('\n') + 1);
    auto layout = find_layout({head, whole}, own, file.label());
    layout.evidence.insert(layout.evidence.begin(), plan.evidence);
    return {std::move(layout), open};
  }
};

}  // namespace

const Format& hdf5() {
  static const Hdf5 format;
  return format;
}

}  // namespace nnrec::importing
