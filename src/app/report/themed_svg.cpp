#include "themed_svg.hpp"

#include <regex>

#include <fmt/format.h>

#include "nnrec/base/error.hpp"

#include "html.hpp"

namespace nnrec::app {
namespace {

/// Behind gnuplot's own title, in front of the end of its svg element.
std::string content_of(const std::string& svg) {
  constexpr std::string_view kHeadEnd = "</desc>";
  const auto begin = svg.find(kHeadEnd);
  const auto end = svg.rfind("</svg>");
  if (begin == std::string::npos || end == std::string::npos)
    throw InternalError("what gnuplot drew as SVG is of another shape than expected");
  return svg.substr(begin + kHeadEnd.size(), end - begin - kHeadEnd.size());
}

/// Calls `text_of(match)` for each match, and puts what it returns in its place.
template <typename TextOf>
std::string replaced(const std::string& text, const std::regex& pattern, const TextOf& text_of) {
  std::string result;
  auto rest = text.cbegin();
  for (std::sregex_iterator match(text.begin(), text.end(), pattern), end; match != end; ++match) {
    result.append(rest, (*match)[0].first);
    result += text_of(*match);
    rest = (*match)[0].second;
  }
  return result.append(rest, text.cend());
}

/// Groups of attributes around nothing, of which gnuplot leaves many; then those around these.
std::string without_empty_groups(std::string text) {
  static const std::regex kEmpty(R"(<g( [^>]*)?>\s*</g>\s*)");
  for (std::size_t before = 0; before != text.size();) {
    before = text.size();
    text = std::regex_replace(text, kEmpty, "");
  }
  return text;
}

/// "rgb(0,114,178)" as "#0072B2".
std::string hexadecimal(const std::smatch& match, std::size_t first) {
  std::string text = "#";
  for (std::size_t i = first; i < first + 3; ++i)
    text += fmt::format("{:02X}", std::stoi(match[i].str()));
  return text;
}

std::string with_page_colours(const std::string& text, std::span<const char* const> colours) {
  static const std::regex kColour(
      R"re(\b(stroke|fill|color)\s*=\s*['"]rgb\(\s*(\d+),\s*(\d+),\s*(\d+)\)['"])re");
  return replaced(text, kColour, [&](const std::smatch& match) -> std::string {
    const std::string colour = hexadecimal(match, 2);
    const bool is_painted = match[1] != "color";
    const std::string current = is_painted ? match[1].str() + "=\"currentColor\"" : "";
    for (std::size_t i = 0; i < colours.size(); ++i)
      if (colour == colours[i]) return fmt::format("class=\"colour-{}\" {}", i, current);
    return current;
  });
}

/// gnuplot's own titles depend on its version and on whether there is a legend.
std::string with_titles(const std::string& text, const std::vector<std::string>& titles) {
  static const std::regex kPlot(R"re(id="\w*plot_\d+\w*"\s*>(\s*<title>[^<]*</title>)?)re");
  std::size_t plots = 0;
  auto titled = replaced(text, kPlot, [&](const std::smatch&) {
    const std::string title = plots < titles.size() ? titles[plots] : "";
    ++plots;
    if (title.empty()) return std::string(">");
    return fmt::format("class=\"plot\"><title>{}</title>", html_text(title));
  });
  if (plots != titles.size())
    throw InternalError("gnuplot drew {} lines where {} are expected", plots, titles.size());
  return titled;
}

}  // namespace

std::string themed_svg(const std::string& gnuplot_svg, const SvgTheme& theme) {
  std::string text = content_of(gnuplot_svg);
  static const std::regex kGrid(R"re(stroke='[^']*'([^>]*class="gridline"))re");
  static const std::regex kPlainColour(R"re( color="[a-z]+")re");
  static const std::regex kBlack(R"re(\b(fill|stroke)="(black|gray)")re");
  static const std::regex kFont(R"re( font-family="[^"]*")re");
  static const std::regex kLink("xlink:href");  // a page has no such prefix, and needs none
  static const std::regex kId(R"re((\bid=['"]|href=['"]#)(gp|gnuplot_|textbox|greybox))re");
  text = with_titles(text, theme.plots);
  text = std::regex_replace(text, kGrid, "$1");
  text = with_page_colours(text, theme.colours);
  text = std::regex_replace(text, kPlainColour, "");
  text = std::regex_replace(text, kBlack, "$1=\"currentColor\"");
  text = std::regex_replace(text, kFont, "");
  text = std::regex_replace(text, kLink, "href");
  text = std::regex_replace(text, kId, "$1" + theme.name + "-$2");
  return without_empty_groups(std::move(text));
}

}  // namespace nnrec::app
