#pragma once

#include <algorithm>
#include <cmath>
#include <memory>

#include "nnrec/import/rating_ingest.hpp"

#include "support.hpp"

namespace nnrec::fuzz {

/// Gives at most 50 bytes at a time, as archives do.
class MemorySource : public io::ByteSource {
 public:
  explicit MemorySource(std::string_view text) : rest_(text) {}
  std::size_t read(std::span<char> buffer) override {
    const auto count = std::min({buffer.size(), rest_.size(), std::size_t{50}});
    std::copy_n(rest_.begin(), count, buffer.begin());
    rest_.remove_prefix(count);
    return count;
  }

 private:
  std::string_view rest_;
};

/// Reads a whole file and checks what is promised of a table.
inline importing::IngestResult ingest(const importing::RatingFile& file) {
  importing::RepairLog repairs(false);
  auto read = importing::ingest({file}, {}, math::ThreadTeam(1), repairs);
  const auto& [table, users, items, places] = read.ratings;
  for (std::size_t row = 0; row < table.rows(); ++row) {
    require(table.user[row] < users.size() && table.item[row] < items.size(), "indices are dense");
    require(std::isfinite(table.rating[row]), "values are finite");
  }
  return read;
}

/// The same with all of `text`.
inline void ingest(std::string_view text, std::shared_ptr<const importing::RatingReader> reader) {
  ingest({"ratings", "ratings", [&] { return std::make_unique<MemorySource>(text); },
          std::move(reader)});
}

}  // namespace nnrec::fuzz
