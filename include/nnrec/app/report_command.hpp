#pragma once

#include <string>
#include <vector>

#include "nnrec/base/log.hpp"

namespace nnrec::app {

/// `nnrec_report RUN...`: prints the results table, writes report.md and the chart "RMSE over
/// epochs" (SVG, PNG). Throws UsageError, InputError (file:line:column of a bad history.csv),
/// IoError (also when gnuplot is missing: the table and report.md are there by then).
void report_command(const std::vector<std::string>& arguments, Log& log);

}  // namespace nnrec::app
