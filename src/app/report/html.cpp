#include "html.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "nnrec/base/text.hpp"

namespace nnrec::app {
namespace {

constexpr const char* kReplacement = "\xEF\xBF\xBD";

bool is_control(char c) noexcept {
  return (static_cast<unsigned char>(c) < 0x20 && c != '\t' && c != '\n') || c == 0x7F;
}

/// What an ASCII character is written as.
std::string escaped(char c) {
  switch (c) {
    case '&':
      return "&amp;";
    case '<':
      return "&lt;";
    case '>':
      return "&gt;";
    case '"':
      return "&quot;";
    case '\'':
      return "&#39;";
    default:
      return is_control(c) ? kReplacement : std::string(1, c);
  }
}

bool is_figure(const std::string& text) {
  return text == "-" || text.find_first_of("0123456789") <= text.find_first_not_of("+-.");
}

std::vector<bool> figure_columns(const HtmlTable& table) {
  std::vector<bool> are(table.head.size(), true);
  for (const auto& row : table.rows) {
    std::size_t column = 0;
    for (const HtmlCell& cell : row) {
      if (!is_figure(cell.text) && cell.columns == 1) are[column] = false;
      column += cell.columns;
    }
  }
  return are;
}

std::string attributes_of(const HtmlCell& cell, bool is_figure_column) {
  std::string kind = cell.kind;
  if (is_figure_column && cell.columns == 1) kind += kind.empty() ? "figure" : " figure";
  std::string text;
  if (!kind.empty()) text += fmt::format(" class=\"{}\"", kind);
  if (cell.columns > 1) text += fmt::format(" colspan=\"{}\"", cell.columns);
  if (cell.share >= 0) text += fmt::format(" style=\"--share:{:.1f}%\"", 100 * cell.share);
  return text;
}

}  // namespace

std::string html_text(std::string_view text) {
  std::string result;
  while (!text.empty()) {
    const std::size_t length = utf8_length(text);
    if (length == 0) {
      result += kReplacement;
    } else if (length == 1) {
      result += escaped(text.front());
    } else {
      result += text.substr(0, length);
    }
    text.remove_prefix(std::max<std::size_t>(length, 1));
  }
  return result;
}

std::string html_table(const HtmlTable& table) {
  const auto figures = figure_columns(table);
  std::string text = fmt::format(
      "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-labelledby=\"{0}-caption\">\n"
      "<table id=\"{0}\">\n<caption id=\"{0}-caption\"><span>{1}</span></caption>\n<thead><tr>",
      table.id, html_text(table.caption));
  for (std::size_t column = 0; column < table.head.size(); ++column) {
    text += fmt::format("<th scope=\"col\"{}>{}</th>", figures[column] ? " class=\"figure\"" : "",
                        html_text(table.head[column]));
  }
  text += "</tr></thead>\n<tbody>\n";
  for (const auto& row : table.rows) {
    text += "<tr>";
    std::size_t column = 0;
    for (const HtmlCell& cell : row) {
      const char* element = column == 0 ? "th" : "td";
      text += fmt::format("<{0}{1}{2}>{3}</{0}>", element, column == 0 ? " scope=\"row\"" : "",
                          attributes_of(cell, figures[column]), html_text(cell.text));
      column += cell.columns;
    }
    text += "</tr>\n";
  }
  return text + "</tbody>\n</table>\n</div>\n";
}

}  // namespace nnrec::app
