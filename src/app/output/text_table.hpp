#pragma once

#include <string>
#include <vector>

namespace nnrec::app {

enum class TableFormat { text, markdown };

using TableRow = std::vector<std::string>;

/// A table of texts, ended by a line feed; the first row has the columns' names, and all are as
/// long as it. The first column is text and leans left, as the last one does; figures lean right.
std::string table_of_texts(const std::vector<TableRow>& rows, TableFormat format);

}  // namespace nnrec::app
