#include "error_lines.hpp"

namespace nnrec::run {

void warn_if_worse(const Session& session, const std::string& variant, shards::Part part,
                   const train::Errors& errors) {
  const auto warn = [&](const char* what, const train::Errors& baseline) {
    const bool is_worse = errors.rmse() > baseline.rmse();  // without rows: NaN, so no
    if (is_worse) {
      session.log().warn("{}: on {} {} rows RMSE {:.4f} is worse than that of {}, {:.4f}", variant,
                         errors.squared.rows, shards::part_name(part), errors.rmse(), what,
                         baseline.rmse());
    }
    return is_worse;
  };
  const train::Baselines& baselines = session.baselines(part);
  if (warn("predicting the training mean", baselines.training_mean)) return;
  warn("predicting by user + item means", baselines.user_item_means);
}

void print_errors(const Session& session, const std::string& what, const train::Errors& errors) {
  if (errors.squared.rows == 0) return;
  std::string clipped = "no scale is declared to clip to";
  if (const auto scale = session.scale(); scale && errors.clipped) {
    clipped = fmt::format("RMSE {:.4f} clipped to {}..{}", errors.clipped->rmse(), scale->low,
                          scale->high);
  }
  session.log().print("  {} {}: RMSE {:.4f} unclipped, {}; MAE {:.4f} unclipped",
                      errors.squared.rows, what, errors.rmse(), clipped, errors.mae());
  if (errors.warm.rows == 0) return;
  session.log().print("    {} of them warm (user and item are in training): RMSE {:.4f}",
                      errors.warm.rows, errors.warm.rmse());
}

}  // namespace nnrec::run
