#pragma once

#include <span>
#include <string>
#include <vector>

namespace nnrec::app {

/// What a page wants of a drawing.
struct SvgTheme {
  std::string name;  ///< that ids begin with, so that a page may have several drawings
  std::span<const char* const> colours;  ///< "#0072B2"
  std::vector<std::string> plots;        ///< titles of what was plotted, in that order; empty: none
};

/// What gnuplot has drawn as SVG, as content of an svg element of a page that decides its colours:
/// `colours[i]` becomes the class colour-i with the page's current colour, grid lines keep their
/// class gridline alone, all else has the current colour; fonts' names and what draws nothing are
/// left out. The group of a plot with a title gets it, and the class plot.
/// Throws InternalError where the text is no drawing of gnuplot, or of other plots.
std::string themed_svg(const std::string& gnuplot_svg, const SvgTheme& theme);

}  // namespace nnrec::app
