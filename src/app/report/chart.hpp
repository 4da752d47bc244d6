#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "results.hpp"

namespace nnrec::app {

/// One line of the chart.
struct ChartCurve {
  std::string name;           ///< "basic, measured"
  std::string figure;         ///< where it ends
  std::size_t colour = 0;     ///< of the palette, as gnuplot and a page have it
  bool is_published = false;  ///< dashed
  bool has_band = false;      ///< from least to most of several runs
  std::vector<SpreadPoint> points;

  std::string label() const { return name + ": " + figure; }
};

/// A measured line of each result and, once a variant, the published one of the same colour.
std::vector<ChartCurve> chart_curves(const std::vector<VariantResult>& results);

/// Different colours; more results repeat them.
inline constexpr std::size_t kChartColours = 7;

/// Draws "RMSE over epochs" into `folder`: rmse_over_epochs.svg and rmse_over_epochs.png. A solid
/// line for each variant's validation RMSE (several runs: the mean, in a band from min to max), a
/// dashed one of the same colour for the published curve. Curves that end above 2 have a panel of
/// their own, since `basic` lives far above the others.
/// `data`: the data set's name, for the title.
/// Throws IoError when gnuplot is missing or fails; a file is whole or absent.
void draw_chart(const std::vector<VariantResult>& results, const std::string& data,
                const std::filesystem::path& folder);

/// Room for a chart within a page: beside nothing, or on a telephone.
enum class PageWidth { wide, narrow };

/// The same lines as an SVG element for a page, without legend and title. Its lines are groups with
/// the curves' labels as titles; their classes are colour-0, ...; colours and fonts are left to the
/// page. The attributes data-left, data-right (shares of the width), data-low and data-high
/// (epochs) say where epochs lie. `described_by`: ids of the elements that name and describe it.
/// Throws IoError as draw_chart().
std::string page_chart(const std::vector<ChartCurve>& curves, PageWidth width,
                       const std::string& described_by);

}  // namespace nnrec::app
