#include "chart.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "app/output/gnuplot.hpp"
#include "themed_svg.hpp"

namespace nnrec::app {
namespace {

/// Okabe and Ito's palette: told apart by colour-blind readers too.
constexpr std::array<const char*, kChartColours> kColours{
    "#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000"};
/// Filled circle, square, triangles, diamond: told apart without colours, too.
constexpr std::array<int, kChartColours> kPoints{7, 5, 9, 11, 13, 7, 5};
constexpr double kHighPanelFrom = 2.0;

struct Panel {
  std::vector<ChartCurve> curves;
  /// Share of the height that is the panel's own, from bottom to top.
  double bottom = 0;
  double top = 0;
};

/// What a chart has beside its lines, and where these lie: shares of width and height.
struct Layout {
  double left;
  double right;
  double bottom;
  double top;
  bool has_legend;  ///< and title and name of the value axis
  bool is_each_epoch_named;
};
constexpr Layout kFileLayout{0.085, 0.70, 0.085, 0.92, true, true};
constexpr Layout kWideLayout{0.07, 0.985, 0.1, 0.975, false, true};
constexpr Layout kNarrowLayout{0.14, 0.98, 0.12, 0.975, false, false};

/// High curves above, the others below; the middle is left for the gap between them.
std::vector<Panel> panels_of(std::vector<ChartCurve> curves, const Layout& layout) {
  Panel high;
  Panel low;
  for (auto& curve : curves) {
    auto& panel = curve.points.back().mean > kHighPanelFrom ? high : low;
    panel.curves.push_back(std::move(curve));
  }
  std::vector<Panel> panels;
  const bool both = !high.curves.empty() && !low.curves.empty();
  high.top = low.top = layout.top;
  high.bottom = low.bottom = layout.bottom;
  if (both) {
    high.bottom = 0.73;
    low.top = 0.68;
  }
  if (!high.curves.empty()) panels.push_back(std::move(high));
  if (!low.curves.empty()) panels.push_back(std::move(low));
  return panels;
}

/// The value axis: all of every curve, but a wild first epoch does not flatten the rest.
std::pair<double, double> value_range(const Panel& panel) {
  double low = std::numeric_limits<double>::max();
  double high = 0;
  for (const auto& curve : panel.curves)
    for (const auto& point : curve.points) {
      low = std::min(low, point.min);
      high = std::max(high, point.max);
    }
  high = std::min(high, 1.45 * low);
  const double margin = std::max(0.06 * (high - low), 1e-3);
  return {low - margin, high + margin};
}

int last_epoch(const std::vector<Panel>& panels) {
  int last = 1;
  for (const auto& panel : panels)
    for (const auto& curve : panel.curves) last = std::max(last, curve.points.back().epoch);
  return last;
}

std::string data_block(const Panel& panel) {
  std::string text;
  for (std::size_t i = 0; i < panel.curves.size(); ++i) {
    text += fmt::format("$curve{} << END\n", i);
    for (const auto& point : panel.curves[i].points)
      text += fmt::format("{} {} {} {}\n", point.epoch, point.mean, point.min, point.max);
    text += "END\n";
  }
  return text;
}

std::string plot_command(const Panel& panel) {
  std::string text;
  const auto add = [&text](const std::string& part) {
    text += (text.empty() ? "plot " : ", \\\n     ") + part;
  };
  // Bands first, so that lines lie above them.
  for (std::size_t i = 0; i < panel.curves.size(); ++i)
    if (panel.curves[i].has_band)
      add(
          fmt::format("$curve{} using 1:3:4 with filledcurves fillcolor rgb '{}' "
                      "fillstyle transparent solid 0.18 noborder notitle",
                      i, kColours.at(panel.curves[i].colour)));
  for (std::size_t i = 0; i < panel.curves.size(); ++i) {
    const auto& curve = panel.curves[i];
    const char* colour = kColours.at(curve.colour);
    const auto style =
        curve.is_published
            ? fmt::format("lines dashtype (8,5) linewidth 2 linecolor rgb '{}'", colour)
            : fmt::format(
                  "linespoints dashtype 1 linewidth 2.4 pointtype {} pointsize 0.55 "
                  "linecolor rgb '{}'",
                  kPoints.at(curve.colour), colour);
    add(fmt::format("$curve{} using 1:2 with {} title {}", i, style,
                    gnuplot_quoted(curve.label())));
  }
  return text + "\n";
}

/// In the order of plot_command(), in which bands have no title.
std::vector<std::string> plot_titles(const std::vector<Panel>& panels) {
  std::vector<std::string> titles;
  for (const Panel& panel : panels) {
    for (const ChartCurve& curve : panel.curves)
      if (curve.has_band) titles.emplace_back();
    for (const ChartCurve& curve : panel.curves) titles.push_back(curve.label());
  }
  return titles;
}

std::string panel_script(const Panel& panel, const Layout& layout, bool lowest) {
  const auto [low, high] = value_range(panel);
  const double span = high - low;
  std::string text = data_block(panel);
  text +=
      fmt::format("set tmargin at screen {}\nset bmargin at screen {}\n", panel.top, panel.bottom);
  text += layout.has_legend ? fmt::format("set key at screen 0.715, {}\n", panel.top)
                            : std::string("unset key\n");
  text += fmt::format("set yrange [{}:{}]\nset format y '%.{}f'\n", low, high, span < 0.1 ? 3 : 2);
  text += lowest ? "set xlabel 'epoch' offset 0,0.3\nset format x '%g'\n"
                 : "unset xlabel\nset format x ''\n";
  return text + plot_command(panel);
}

std::string names_script(const std::string& data) {
  // noenhanced: an underscore in a variant's name stays one.
  return fmt::format("set label 1 {} at screen 0.085, 0.955 left font ',17' noenhanced\n",
                     gnuplot_quoted("RMSE over epochs, validation, " + data)) +
         "set label 2 'validation RMSE' at screen 0.022, 0.5 center rotate by 90\n"
         "set key left top vertical Left reverse samplen 3 spacing 1.35 noenhanced\n";
}

/// Where epochs lie on the axis.
std::pair<double, double> epoch_range(int last) {
  return {0.6, last + 0.4};
}

/// `names`: commands that give the chart its title, once.
std::string chart_script(const std::vector<Panel>& panels, const Layout& layout,
                         const std::string& names) {
  std::string text = "set encoding utf8\nset multiplot\n" + names;
  text += fmt::format("set lmargin at screen {}\nset rmargin at screen {}\n", layout.left,
                      layout.right);
  text +=
      "set border 3 linecolor rgb '#606060'\nset tics nomirror out scale 0.6\n"
      "set grid linecolor rgb '#c8c8c8' linewidth 0.9 dashtype 1\n";
  const int last = last_epoch(panels);
  const auto [low, high] = epoch_range(last);
  text += fmt::format("set xrange [{}:{}]\n", low, high);
  if (last <= 20 && layout.is_each_epoch_named) text += "set xtics 1, 1\n";
  for (std::size_t i = 0; i < panels.size(); ++i) {
    text += panel_script(panels[i], layout, i + 1 == panels.size());
    text += "unset label 1\nunset label 2\n";
  }
  return text + "unset multiplot\nunset output\n";
}

}  // namespace

std::vector<ChartCurve> chart_curves(const std::vector<VariantResult>& results) {
  std::vector<ChartCurve> curves;
  std::set<std::string> drawn;  // variants whose published curve is there
  for (std::size_t i = 0; i < results.size(); ++i) {
    const auto& result = results[i];
    const std::size_t colour = i % kChartColours;
    const std::size_t runs = result.final_rmse.size();
    const auto what = runs > 1 ? fmt::format("mean of {} runs", runs) : "measured";
    // A band over one epoch is nothing, and some versions of gnuplot leave it out.
    const bool has_band = runs > 1 && result.curve.size() > 1;
    curves.push_back({fmt::format("{}, {}", result.name(), what),
                      fmt::format("{:.4f}", result.mean()), colour, false, has_band, result.curve});
    if (!result.published || !drawn.insert(result.variant).second) continue;
    ChartCurve published{result.variant + ", published",
                         fmt::format("{:.3f}", result.published->val_rmse),
                         colour,
                         true,
                         false,
                         {}};
    for (const auto& point : result.published->val_curve)
      published.points.push_back({point.epoch, point.rmse, point.rmse, point.rmse});
    curves.push_back(std::move(published));
  }
  return curves;
}

void draw_chart(const std::vector<VariantResult>& results, const std::string& data,
                const std::filesystem::path& folder) {
  const auto script =
      chart_script(panels_of(chart_curves(results), kFileLayout), kFileLayout, names_script(data));
  draw_svg(folder / "rmse_over_epochs.svg", {1100, 860}, script);
  draw_file(folder / "rmse_over_epochs.png",
            "pngcairo size 1100,860 font 'DejaVu Sans,11' background rgb 'white'", script);
}

std::string page_chart(const std::vector<ChartCurve>& curves, PageWidth width,
                       const std::string& described_by) {
  const bool is_wide = width == PageWidth::wide;
  const Layout& layout = is_wide ? kWideLayout : kNarrowLayout;
  const int columns = is_wide ? 820 : 360;
  const int rows = is_wide ? 560 : 440;
  const auto panels = panels_of(curves, layout);
  const auto svg = run_gnuplot(
      fmt::format("set terminal svg size {},{} dynamic font 'sans-serif,12'\n", columns, rows) +
      chart_script(panels, layout, ""));
  const auto [low, high] = epoch_range(last_epoch(panels));
  const char* name = is_wide ? "wide" : "narrow";
  return fmt::format(
             "<svg class=\"{}\" viewBox=\"0 0 {} {}\" role=\"img\" aria-labelledby=\"{}\" "
             "data-left=\"{}\" data-right=\"{}\" data-low=\"{}\" data-high=\"{}\">\n",
             name, columns, rows, described_by, layout.left, layout.right, low, high) +
         themed_svg(svg, {name, kColours, plot_titles(panels)}) + "</svg>\n";
}

}  // namespace nnrec::app
