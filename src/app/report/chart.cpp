#include "chart.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <utility>

#include <fmt/format.h>

#include "nnrec/base/error.hpp"
#include "nnrec/io/atomic_file.hpp"

#include "gnuplot.hpp"

namespace nnrec::app {
namespace {

/// Okabe and Ito's palette: told apart by colour-blind readers too.
constexpr std::array kColours{"#0072B2", "#D55E00", "#009E73", "#CC79A7",
                              "#E69F00", "#56B4E9", "#000000"};
constexpr double kHighPanelFrom = 2.0;

enum class LineKind { measured, published };

struct Curve {
  std::string label;
  const char* colour = nullptr;
  LineKind kind = LineKind::measured;
  bool has_band = false;
  std::vector<SpreadPoint> points;
};

struct Panel {
  std::vector<Curve> curves;
  /// Share of the height that is the panel's own, from bottom to top.
  double bottom = 0;
  double top = 0;
};

std::vector<Curve> curves_of(const std::vector<VariantResult>& results) {
  std::vector<Curve> curves;
  for (std::size_t i = 0; i < results.size(); ++i) {
    const auto& result = results[i];
    const char* colour = kColours[i % kColours.size()];
    const std::size_t runs = result.final_rmse.size();
    const auto what = runs > 1 ? fmt::format("mean of {} runs", runs) : "measured";
    curves.push_back({fmt::format("{}, {}: {:.4f}", result.variant, what, result.mean()), colour,
                      LineKind::measured, runs > 1, result.curve});
    if (!result.published) continue;
    Curve published{
        fmt::format("{}, published: {:.3f}", result.variant, result.published->val_rmse),
        colour,
        LineKind::published,
        false,
        {}};
    for (const auto& point : result.published->val_curve)
      published.points.push_back({point.epoch, point.rmse, point.rmse, point.rmse});
    curves.push_back(std::move(published));
  }
  return curves;
}

/// High curves above, the others below; the middle is left for the gap between them.
std::vector<Panel> panels_of(std::vector<Curve> curves) {
  Panel high;
  Panel low;
  for (auto& curve : curves) {
    auto& panel = curve.points.back().mean > kHighPanelFrom ? high : low;
    panel.curves.push_back(std::move(curve));
  }
  std::vector<Panel> panels;
  const bool both = !high.curves.empty() && !low.curves.empty();
  high.top = low.top = 0.92;
  high.bottom = low.bottom = 0.085;
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
                      i, panel.curves[i].colour));
  for (std::size_t i = 0; i < panel.curves.size(); ++i) {
    const auto& curve = panel.curves[i];
    const bool measured = curve.kind == LineKind::measured;
    add(fmt::format("$curve{} using 1:2 with {} {} linecolor rgb '{}' title {}", i,
                    measured ? "linespoints" : "lines",
                    measured ? "dashtype 1 linewidth 2.4 pointtype 7 pointsize 0.55"
                             : "dashtype (8,5) linewidth 2",
                    curve.colour, gnuplot_quoted(curve.label)));
  }
  return text + "\n";
}

std::string panel_script(const Panel& panel, bool lowest) {
  const auto [low, high] = value_range(panel);
  const double span = high - low;
  std::string text = data_block(panel);
  text +=
      fmt::format("set tmargin at screen {}\nset bmargin at screen {}\n", panel.top, panel.bottom);
  text += fmt::format("set key at screen 0.715, {}\n", panel.top);
  text += fmt::format("set yrange [{}:{}]\nset format y '%.{}f'\n", low, high, span < 0.1 ? 3 : 2);
  text += lowest ? "set xlabel 'epoch' offset 0,0.3\nset format x '%g'\n"
                 : "unset xlabel\nset format x ''\n";
  return text + plot_command(panel);
}

std::string chart_script(const std::vector<Panel>& panels, const std::string& data) {
  std::string text = "set encoding utf8\nset multiplot\n";
  // noenhanced: an underscore in a variant's name stays one.
  text += fmt::format("set label 1 {} at screen 0.085, 0.955 left font ',17' noenhanced\n",
                      gnuplot_quoted("RMSE over epochs, validation, " + data));
  text += "set label 2 'validation RMSE' at screen 0.022, 0.5 center rotate by 90\n";
  text +=
      "set lmargin at screen 0.085\nset rmargin at screen 0.70\n"
      "set key left top vertical Left reverse samplen 3 spacing 1.35 noenhanced\n"
      "set border 3 linecolor rgb '#606060'\nset tics nomirror out scale 0.6\n"
      "set grid linecolor rgb '#c8c8c8' linewidth 0.9 dashtype 1\n";
  text += fmt::format("set xrange [0.6:{}.4]\n", last_epoch(panels));
  if (last_epoch(panels) <= 20) text += "set xtics 1, 1\n";
  for (std::size_t i = 0; i < panels.size(); ++i) {
    text += panel_script(panels[i], i + 1 == panels.size());
    text += "unset label 1\nunset label 2\n";
  }
  return text + "unset multiplot\nunset output\n";
}

void draw_file(const std::filesystem::path& path, const std::string& terminal,
               const std::string& script) {
  io::write_atomically(path, [&](const std::filesystem::path& temporary) {
    run_gnuplot("set terminal " + terminal + "\nset output " + gnuplot_quoted(temporary.string()) +
                "\n" + script);
    std::error_code ignored;
    if (!std::filesystem::exists(temporary) || std::filesystem::file_size(temporary, ignored) == 0)
      throw IoError("{}: gnuplot wrote nothing. Is the disk full?", path.string());
  });
}

}  // namespace

void draw_chart(const std::vector<VariantResult>& results, const std::string& data,
                const std::filesystem::path& folder) {
  const auto script = chart_script(panels_of(curves_of(results)), data);
  draw_file(folder / "rmse_over_epochs.svg",
            "svg size 1100,860 dynamic font 'DejaVu Sans,13' background rgb 'white'", script);
  draw_file(folder / "rmse_over_epochs.png",
            "pngcairo size 1100,860 font 'DejaVu Sans,11' background rgb 'white'", script);
}

}  // namespace nnrec::app
