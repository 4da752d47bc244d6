#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace nnrec::serve {

/// Nothing, a count, or a number.
using Cell = std::variant<std::monostate, std::uint64_t, double>;

/// Numbers with names, for people and for programs.
struct Table {
  std::string name;     ///< in JSON
  std::string caption;  ///< a line for people
  std::vector<std::string> columns;
  std::vector<std::pair<std::string, std::vector<Cell>>> rows;  ///< label and a cell a column
};

/// As tables show it: numbers with four decimals, "-" for nothing.
std::string cell_text(const Cell& cell);

/// Columns aligned, below the caption.
std::string table_text(const Table& table);

/// Facts and tables as one JSON object: {"fact": ..., "table": [{"row": label, column: ...}, ...]}.
/// What is missing or not finite is null.
std::string report_json(const std::vector<std::pair<std::string, std::string>>& facts,
                        const std::vector<Table>& tables);

}  // namespace nnrec::serve
