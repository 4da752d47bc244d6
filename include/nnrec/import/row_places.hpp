#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace nnrec::importing {

/// Rows that come from consecutive lines, or all from one.
struct LineRun {
  std::uint64_t row = 0;   ///< the run's first
  std::uint64_t line = 0;  ///< of that row, from 1
  bool one_line = false;

  std::uint64_t line_of(std::uint64_t at) const noexcept {
    return one_line ? line : line + (at - row);
  }
};

/// Adds `row`, which comes from `line`, to `runs`. Rows come in order.
inline void add_row(std::vector<LineRun>& runs, std::uint64_t row, std::uint64_t line) {
  if (!runs.empty()) {
    auto& last = runs.back();
    if (last.line_of(row) == line) return;
    if (row == last.row + 1 && line == last.line) {
      last.one_line = true;
      return;
    }
  }
  runs.push_back({row, line, false});
}

/// Where rows come from: file and line of each.
class RowPlaces {
 public:
  /// From `run.row` on, rows come from `file`.
  void add(std::uint32_t file, const LineRun& run);
  void name_files(std::vector<std::string> labels) { labels_ = std::move(labels); }
  /// "file:line".
  std::string place(std::uint64_t row) const;

 private:
  struct FileRun {
    std::uint32_t file;
    LineRun run;
  };
  std::vector<FileRun> runs_;
  std::vector<std::string> labels_;
};

}  // namespace nnrec::importing
