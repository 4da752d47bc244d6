#include "nnrec/serve/table.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace nnrec::serve {
namespace {

using nlohmann::ordered_json;

ordered_json json_of(const Cell& cell) {
  if (const auto* count = std::get_if<std::uint64_t>(&cell)) return *count;
  const auto* number = std::get_if<double>(&cell);
  return number != nullptr && std::isfinite(*number) ? ordered_json(*number) : nullptr;
}

/// Bytes that begin a character: ids and titles may have others.
std::size_t width_of(const std::string& text) {
  return static_cast<std::size_t>(std::ranges::count_if(
      text, [](char c) { return (static_cast<unsigned char>(c) >> 6) != 2; }));
}

}  // namespace

std::string cell_text(const Cell& cell) {
  if (const auto* count = std::get_if<std::uint64_t>(&cell)) return fmt::format("{}", *count);
  const auto* number = std::get_if<double>(&cell);
  return number != nullptr && std::isfinite(*number) ? fmt::format("{:.4f}", *number) : "-";
}

std::string table_text(const Table& table) {
  std::size_t label_width = 0;
  for (const auto& [label, cells] : table.rows)
    label_width = std::max(label_width, width_of(label));
  std::vector<std::size_t> widths;
  for (std::size_t column = 0; column < table.columns.size(); ++column) {
    std::size_t width = table.columns[column].size();
    for (const auto& [label, cells] : table.rows)
      width = std::max(width, cell_text(cells[column]).size());
    widths.push_back(width);
  }
  std::string text = table.caption;
  text.append("\n  ").append(label_width, ' ');
  for (std::size_t column = 0; column < widths.size(); ++column)
    text += fmt::format("  {:>{}}", table.columns[column], widths[column]);
  text += "\n";
  for (const auto& [label, cells] : table.rows) {
    text.append("  ").append(label).append(label_width - width_of(label), ' ');
    for (std::size_t column = 0; column < widths.size(); ++column)
      text += fmt::format("  {:>{}}", cell_text(cells[column]), widths[column]);
    text += "\n";
  }
  return text;
}

std::string report_json(const std::vector<std::pair<std::string, std::string>>& facts,
                        const std::vector<Table>& tables) {
  ordered_json report = ordered_json::object();
  for (const auto& [name, value] : facts) report[name] = value;
  for (const Table& table : tables) {
    ordered_json rows = ordered_json::array();
    for (const auto& [label, cells] : table.rows) {
      ordered_json row{{"row", label}};
      for (std::size_t column = 0; column < cells.size(); ++column)
        row[table.columns[column]] = json_of(cells[column]);
      rows.push_back(std::move(row));
    }
    report[table.name] = std::move(rows);
  }
  // An id may be no UTF-8: replaced, since JSON is.
  return report.dump(2, ' ', false, ordered_json::error_handler_t::replace) + "\n";
}

}  // namespace nnrec::serve
