#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace nnrec::app {

/// `text` as content of an element or of an attribute in quotes: markup is escaped; control
/// characters, and bytes that are no UTF-8, become U+FFFD.
std::string html_text(std::string_view text);

struct HtmlCell {
  HtmlCell(std::string words) : text(std::move(words)) {}  // NOLINT: a text is a cell
  HtmlCell(const char* words) : text(words) {}             // NOLINT

  std::string text;
  std::string kind{};  ///< class of the cell; empty: none
  double share = -1;   ///< of a bar behind the text, 0 to 1; below 0: none
  std::size_t columns = 1;
};

/// A table of texts with a caption, in a box of its own that scrolls where the page is narrower.
struct HtmlTable {
  std::string id;  ///< of the table, unique on the page
  std::string caption;
  std::vector<std::string> head;            ///< columns' names
  std::vector<std::vector<HtmlCell>> rows;  ///< the first cell names the row
};

/// Columns of figures lean right.
std::string html_table(const HtmlTable& table);

}  // namespace nnrec::app
