#pragma once

#include <memory>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "nnrec/import/rating_ingest.hpp"

#include "support/temporary_folder.hpp"

namespace nnrec::testing {

/// What a reader makes of a text: "user item rating time" of every rating in order, without the
/// time where the text has none.
inline std::vector<std::string> read_text(const std::string& text,
                                          std::shared_ptr<const importing::RatingReader> reader,
                                          const importing::RatingRules& rules = {}) {
  const TemporaryFolder folder;
  const auto path = folder / "ratings";
  write_file(path, text);
  const std::vector<importing::RatingFile> files{
      {"ratings", "ratings", [path] { return io::open_file(path); }, std::move(reader)}};
  importing::RepairLog repairs(false);
  const auto [table, users, items, places] =
      std::move(importing::ingest(files, rules, math::ThreadTeam(2), repairs).ratings);
  std::vector<std::string> rows;
  for (std::size_t row = 0; row < table.rows(); ++row) {
    rows.push_back(fmt::format("{} {} {}", users.id(table.user[row]), items.id(table.item[row]),
                               table.rating[row]));
    if (table.has_time()) rows.back() += fmt::format(" {}", table.timestamp[row]);
  }
  return rows;
}

}  // namespace nnrec::testing
