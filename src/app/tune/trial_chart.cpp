#include "trial_chart.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include <fmt/format.h>

#include "nnrec/base/numbers.hpp"

#include "app/output/gnuplot.hpp"

namespace nnrec::app {
namespace {

constexpr std::size_t kColumns = 3;
constexpr int kPanelWidth = 370;
constexpr int kPanelHeight = 300;

/// A trial's end of the first rung.
struct Point {
  std::vector<double> where;  ///< a place each; of a list the number of the value
  double rmse = 0;
  bool went_on = false;
};

double coordinate(const ValueSet& set, const std::string& value) {
  if (set.kind() != ValueSet::Kind::list) return parse_number<double>(value).value_or(0);
  return static_cast<double>(std::ranges::find(set.values(), value) - set.values().begin());
}

std::vector<Point> points_of(const TuningPlan& plan, const std::vector<Rung>& rungs) {
  std::vector<Point> points;
  for (const TrialEnd& end : rungs.front()) {
    if (end.trial == 0 || !end.has_error()) continue;
    Point point;
    const auto values = plan.space.draw(plan.seed, end.trial).values;
    for (std::size_t i = 0; i < values.size(); ++i)
      point.where.push_back(coordinate(plan.space.places()[i].values, values[i]));
    point.rmse = *end.rmse;
    point.went_on = rungs.size() > 1 &&
                    std::ranges::find(rungs[1], end.trial, &TrialEnd::trial) != rungs[1].end();
    points.push_back(std::move(point));
  }
  return points;
}

/// From the best to a little above what three of four trials have.
struct Height {
  double low;
  double high;
};

Height height_of(const std::vector<Point>& points) {
  std::vector<double> errors;
  for (const Point& point : points) errors.push_back(point.rmse);
  std::ranges::sort(errors);
  const double upper = errors[(errors.size() - 1) * 3 / 4];
  const double span = std::max(upper - errors.front(), 1e-3);
  return {errors.front() - 0.1 * span, upper + 0.6 * span};
}

std::string data_block(const std::vector<Point>& points, const Height& height) {
  std::string text = "$trials << END\n";
  for (const Point& point : points) {
    text += fmt::format("{:.6f} {}", std::min(point.rmse, height.high), point.went_on ? 1 : 0);
    for (const double where : point.where) text += fmt::format(" {:.6g}", where);
    text += "\n";
  }
  return text + "END\n";
}

std::string axis(const ValueSet& set) {
  if (set.kind() != ValueSet::Kind::list)
    return fmt::format("set xrange [*:*]\nset xtics auto\n{} logscale x\n",
                       set.is_logarithmic() ? "set" : "unset");
  std::string ticks;
  for (std::size_t i = 0; i < set.values().size(); ++i)
    ticks += fmt::format("{}{} {}", i == 0 ? "" : ", ", gnuplot_quoted(set.values()[i]), i);
  return fmt::format("unset logscale x\nset xrange [-0.5:{}.5]\nset xtics ({})\n",
                     set.values().size() - 1, ticks);
}

std::string panel(const SearchedPlace& place, std::size_t number, double given) {
  std::string text = axis(place.values);
  text += fmt::format("set xlabel {} noenhanced\n", gnuplot_quoted(place.label));
  const std::string points = fmt::format(
      "$trials using {0}:($2 == 0 ? $1 : NaN) with points pointtype 7 pointsize 0.6 linecolor "
      "rgb '#56B4E9' notitle, $trials using {0}:($2 == 1 ? $1 : NaN) with points pointtype 7 "
      "pointsize 0.8 linecolor rgb '#D55E00' notitle",
      number + 3);
  text += "plot ";
  if (std::isfinite(given))
    text += fmt::format("{:.6f} with lines dashtype 2 linecolor rgb '#606060' notitle, ", given);
  return text + points + "\n";
}

}  // namespace

void draw_trials(const TuningPlan& plan, const std::vector<Rung>& rungs,
                 const std::filesystem::path& path) {
  const auto points = points_of(plan, rungs);
  const Height height = height_of(points);
  const auto& places = plan.space.places();
  const std::size_t columns = std::min(kColumns, places.size());
  const std::size_t rows = (places.size() + columns - 1) / columns;
  std::string script = "set encoding utf8\n" + data_block(points, height);
  script += fmt::format(
      "set multiplot layout {},{} title {} noenhanced\nset border 3 linecolor rgb '#606060'\n"
      "set tics nomirror out scale 0.6\nset grid ytics linecolor rgb '#c8c8c8'\n"
      "set yrange [{}:{}]\nset format y '%.3f'\nset xtics noenhanced\n",
      rows, columns,
      gnuplot_quoted(fmt::format("validation RMSE after {} epochs; orange: went on; dashed: as "
                                 "given",
                                 plan.halving.epochs.front())),
      height.low, height.high);
  const double given = rungs.front().front().rmse.value_or(std::numeric_limits<double>::infinity());
  for (std::size_t i = 0; i < places.size(); ++i) script += panel(places[i], i, given);
  script += "unset multiplot\nunset output\n";
  draw_svg(path,
           {kPanelWidth * static_cast<int>(columns), kPanelHeight * static_cast<int>(rows) + 40},
           script);
}

}  // namespace nnrec::app
