#include "text_table.hpp"

#include <algorithm>
#include <cstddef>

#include <fmt/format.h>

namespace nnrec::app {

std::string table_of_texts(const std::vector<TableRow>& rows, TableFormat format) {
  const std::size_t columns = rows.front().size();
  std::vector<std::size_t> widths(columns, 3);
  for (const auto& row : rows)
    for (std::size_t i = 0; i < columns; ++i) widths[i] = std::max(widths[i], row[i].size());
  const auto leans_left = [columns](std::size_t i) { return i == 0 || i + 1 == columns; };
  const bool markdown = format == TableFormat::markdown;
  std::string text;
  const auto add_row = [&](const TableRow& row) {
    std::string line = markdown ? "|" : "";
    for (std::size_t i = 0; i < columns; ++i) {
      const auto cell = leans_left(i) ? fmt::format("{:<{}}", row[i], widths[i])
                                      : fmt::format("{:>{}}", row[i], widths[i]);
      line += markdown ? " " + cell + " |" : (i == 0 ? "" : "  ") + cell;
    }
    line.erase(line.find_last_not_of(' ') + 1);
    text += line + "\n";
  };
  TableRow rule(columns);
  for (std::size_t i = 0; i < columns; ++i) {
    rule[i] = std::string(widths[i], '-');
    if (markdown && !leans_left(i)) rule[i].back() = ':';
  }
  add_row(rows.front());
  add_row(rule);
  for (std::size_t i = 1; i < rows.size(); ++i) add_row(rows[i]);
  return text;
}

}  // namespace nnrec::app
