#include "run_list.hpp"

#include <filesystem>

#include <fmt/format.h>

#include "nnrec/run/result.hpp"

namespace nnrec::app {
namespace {

/// Of a folder, with or without a slash at its end.
std::string name_of(const std::filesystem::path& run) {
  return (run.has_filename() ? run : run.parent_path()).filename().string();
}

std::string shown(const std::optional<double>& rmse) {
  return rmse ? fmt::format("{:.4f}", *rmse) : "-";
}

}  // namespace

std::string run_list(const std::vector<std::string>& runs) {
  constexpr const char* kLine = "{:<24} {:<10} {:<10} {:<15} {:<9} {}\n";
  std::string text =
      fmt::format(kLine, "run", "state", "variant", "validation RMSE", "test RMSE", "model digest");
  for (const auto& run : runs) {
    const auto ends = run::read_result(run);
    if (!ends) {
      std::error_code ignored;
      const bool has_begun = std::filesystem::exists(run, ignored);
      text += fmt::format("{:<24} {}\n", name_of(run), has_begun ? "unfinished" : "not begun");
      continue;
    }
    for (const auto& end : *ends) {
      text += fmt::format(kLine, name_of(run), "finished", end.variant, shown(end.validation_rmse),
                          shown(end.test_rmse), end.model_digest);
    }
  }
  return text;
}

}  // namespace nnrec::app
