#pragma once

#include <string>
#include <vector>

#include "model_answers.hpp"
#include "reported_run.hpp"
#include "results.hpp"

namespace nnrec::app {

/// What a page shows.
struct ReportPage {
  std::string data;  ///< name of the data set
  std::vector<ReportedRun> runs;
  std::vector<VariantResult> results;
  ModelAnswers answers;
};

/// One HTML page that needs nothing beside it: results, curves, times, the set, errors by exposure,
/// lists, settings, digests, build. It is well-formed XML as well, and says nothing of when it was
/// made. Throws IoError where no chart can be drawn.
std::string page_text(const ReportPage& page);

}  // namespace nnrec::app
