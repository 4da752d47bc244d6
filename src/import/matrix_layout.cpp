#include <algorithm>
#include <array>

#include "nnrec/base/error.hpp"
#include "nnrec/base/numbers.hpp"
#include "nnrec/import/column_names.hpp"
#include "nnrec/import/text.hpp"

#include "field_values.hpp"
#include "head_table.hpp"
#include "matrix_reader.hpp"

namespace nnrec::importing {
namespace {

/// Looks at the first records of a matrix.
class MatrixFinder {
 public:
  MatrixFinder(HeadTable table, const LayoutOptions& options, const std::string& label)
      : table_(std::move(table)), options_(options), label_(label) {}

  MatrixLayout find() {
    layout_.separator = table_.separator;
    layout_.quoting = table_.quoting;
    layout_.decimal = options_.decimal.empty() ? '.' : options_.decimal.front();
    layout_.header = has_header();
    find_users();
    name_items();
    require_missing();
    return std::move(layout_);
  }

 private:
  std::optional<float> number(std::string_view text) const {
    std::string pointed(text);
    std::replace(pointed.begin(), pointed.end(), layout_.decimal, '.');
    float value = 0;
    return parse_decimal(pointed, value) ? std::optional(value) : std::nullopt;
  }
  static bool is_empty(std::string_view cell) { return cell.empty() || stands_for_nothing(cell); }
  /// An empty cell, or a value that stands for no rating.
  bool is_missing(std::string_view text) const {
    const auto value = number(text);
    const auto& none = options_.not_rated;
    return is_empty(text) || (value && std::find(none.begin(), none.end(), *value) != none.end());
  }
  /// Whether nothing stands in front; of a record with an open quote no field is known.
  static bool is_blank(const std::vector<std::string>& record) {
    return record.empty() || record.front().empty();
  }
  std::size_t first_record() const { return layout_.header ? 1 : 0; }

  /// Any name, or, as data frames write it, nothing above the users.
  bool has_header() const {
    if (options_.header != HeaderRule::automatic) return options_.header == HeaderRule::yes;
    const auto& first = table_.records.front();
    const bool names = std::any_of(first.begin(), first.end(), [&](const std::string& text) {
      return !is_empty(text) && !number(text);
    });
    return names ||
           (first.front().empty() && table_.records.size() > 1 && !is_blank(table_.records[1]));
  }

  void find_users() {
    if (layout_.header) {
      const auto& name = table_.records.front().front();
      layout_.first_is_user = role_of(name) == Role::user || is_row_number(name);
      if (!layout_.first_is_user) require_item(name);
    } else if (counts_ratings()) {
      layout_.first_item = 1;
      layout_.evidence.emplace_back("left aside: column 1, which counts the ratings of its row");
    }
    if (layout_.first_is_user) layout_.first_item = 1;
    layout_.evidence.emplace_back(layout_.first_is_user ? "users = column 1, by its name"
                                                        : "users = the numbers of the rows");
  }

  /// A first column that may say whose the row is, or what is rated in it, is no item of its own.
  void require_item(const std::string& name) const {
    constexpr std::array kNamesOfRows{"id", "index", "idx", "row", "rowid", "name", "key", "no"};
    const auto key = plain_name(name);
    const bool names_row =
        std::find(kNamesOfRows.begin(), kNamesOfRows.end(), key) != kNamesOfRows.end();
    const bool names_item = role_of(name) == Role::item && !is_item_of_number(key);
    if (!names_row && !names_item && !counts_lines()) return;
    throw InputError(
        "{}:1: {} may name the rows or be an item. Call it user if its values are the users, or "
        "take the column away{}.",
        label_, escaped(name),
        names_item ? "; if the rows are items, the matrix is to be transposed" : "");
  }
  /// "item1", "joke 7".
  static bool is_item_of_number(const std::string& key) {
    return !key.empty() && key.back() >= '0' && key.back() <= '9';
  }
  /// 0,1,2,... or 1,2,3,...
  bool counts_lines() const {
    const auto cells = table_.column(0, 1);
    const auto first = cells.empty() ? std::nullopt : parse_number<std::size_t>(cells.front());
    if (cells.size() < 5 || !first || *first > 1) return false;
    for (std::size_t line = 0; line < cells.size(); ++line) {
      if (parse_number<std::size_t>(cells[line]) != *first + line) return false;
    }
    return true;
  }

  bool counts_ratings() const {
    return std::all_of(table_.records.begin(), table_.records.end(), [&](const auto& record) {
      if (is_blank(record)) return false;
      const auto rated = std::count_if(record.begin() + 1, record.end(),
                                       [&](const std::string& text) { return !is_missing(text); });
      return parse_number<std::int64_t>(record.front()) == rated;
    });
  }

  void name_items() {
    for (auto column = layout_.first_item; column < table_.fields(); ++column) {
      layout_.items.push_back(layout_.header ? table_.records.front()[column]
                                             : std::to_string(column - layout_.first_item + 1));
    }
    auto names = layout_.items;
    std::sort(names.begin(), names.end());
    const auto twice = std::adjacent_find(names.begin(), names.end());
    if (twice != names.end() || names.empty() || names.front().empty()) {
      throw InputError("{}:1: {} columns have the name {}. Give each item its own, or --header no.",
                       label_, twice != names.end() ? "two" : "some",
                       escaped(twice != names.end() ? *twice : ""));
    }
    layout_.evidence.push_back(fmt::format("items = {} columns, {}", layout_.items.size(),
                                           layout_.header ? "by the header" : "numbered from 1"));
  }

  /// Of a full matrix nothing says which values are ratings.
  void require_missing() const {
    if (!options_.not_rated.empty()) return;
    for (auto record = first_record(); record < table_.records.size(); ++record) {
      const auto& cells = table_.records[record];
      if (std::any_of(cells.begin(), cells.end(), is_empty)) return;
    }
    throw InputError(
        "{}: every cell of the matrix has a value. Say which stand for no rating, for example "
        "--missing 99, or --missing none.",
        label_);
  }

  HeadTable table_;
  const LayoutOptions& options_;
  const std::string& label_;
  MatrixLayout layout_;
};

}  // namespace

MatrixLayout find_matrix_layout(const TextHead& head, const LayoutOptions& options,
                                const std::string& label) {
  if (head.text.find_first_not_of(" \t\r\n") == std::string_view::npos) {
    throw InputError("{}: has no ratings: it is empty.", label);
  }
  if (!options.columns.empty()) {
    throw UsageError("--columns is for a rating a line; leave it out with --format matrix.");
  }
  return MatrixFinder(cut_head(head, options.separator, label), options, label).find();
}

}  // namespace nnrec::importing
