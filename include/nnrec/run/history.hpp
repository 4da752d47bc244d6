#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace nnrec::run {

inline constexpr std::string_view kHistoryHeader =
    "variant,epoch,step,train_rmse,val_rmse,learning_rate,seconds,ratings_per_second";

/// What a report needs of one epoch of one variant: part of a row of history.csv.
struct HistoryRow {
  std::string variant;
  int epoch = 0;
  double train_rmse = 0;
  double val_rmse = 0;
};

/// Reads `folder`/history.csv. Epochs of a variant rise from row to row; at least one row.
/// Throws InputError with file:line:column of what is wrong.
std::vector<HistoryRow> read_history(const std::filesystem::path& folder);

}  // namespace nnrec::run
