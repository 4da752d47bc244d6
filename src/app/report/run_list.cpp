#include "run_list.hpp"

#include <filesystem>

#include <fmt/format.h>

#include "nnrec/run/checkpoints.hpp"
#include "nnrec/run/result.hpp"

#include "reported_run.hpp"

namespace nnrec::app {
namespace {

std::string shown(const std::optional<run::ErrorFigures>& errors) {
  return errors ? fmt::format("{:.4f}", errors->rmse) : "-";
}

}  // namespace

std::string run_list(const std::vector<std::string>& runs) {
  constexpr const char* kLine = "{:<24} {:<10} {:<10} {:<15} {:<9} {}\n";
  std::string text =
      fmt::format(kLine, "run", "state", "variant", "validation RMSE", "test RMSE", "model digest");
  for (const auto& run : runs) {
    const std::string name = run_name(run);
    const auto result = run::read_result(run);
    auto unfinished = run::trained_variants(run);
    for (const auto& end : result ? result->variants : std::vector<run::VariantEnd>()) {
      text += fmt::format(kLine, name, "finished", end.variant, shown(end.validation),
                          shown(end.test), end.model_digest);
      std::erase(unfinished, end.variant);
    }
    for (const auto& variant : unfinished)
      text += fmt::format("{:<24} {:<10} {}\n", name, "unfinished", variant);
    if (result || !unfinished.empty()) continue;
    std::error_code ignored;
    const bool has_begun = std::filesystem::exists(run, ignored);
    text += fmt::format("{:<24} {}\n", name, has_begun ? "unfinished" : "not begun");
  }
  return text;
}

}  // namespace nnrec::app
