#include "nnrec/data/prepare.hpp"

#include <unordered_set>

#include "nnrec/base/error.hpp"
#include "nnrec/data/catalogue_builder.hpp"

namespace nnrec::data {
namespace {

constexpr std::size_t kBlockRows = 1 << 16;

/// Columns gathered row by row and handed on in blocks.
class Block {
 public:
  Block(ShardSetWriter& writer, Part part) : writer_(writer), part_(part) {}

  void add(const RatingTable& table, std::uint64_t row, const Catalogue& catalogue) {
    user_.push_back(table.user[row]);
    item_.push_back(table.item[row]);
    title_.push_back(catalogue.item_titles[table.item[row]]);
    rating_.push_back(table.rating[row]);
    timestamp_.push_back(table.timestamp[row]);
    if (user_.size() == kBlockRows) flush();
  }
  void flush() {
    writer_.append(part_, {user_, item_, title_, rating_, timestamp_});
    user_.clear();
    item_.clear();
    title_.clear();
    rating_.clear();
    timestamp_.clear();
  }

 private:
  ShardSetWriter& writer_;
  Part part_;
  std::vector<std::uint32_t> user_;
  std::vector<std::uint32_t> item_;
  std::vector<std::uint32_t> title_;
  std::vector<float> rating_;
  std::vector<std::int64_t> timestamp_;
};

void write_parts(const RatingTable& table, const std::vector<Part>& parts,
                 const Catalogue& catalogue, ShardSetWriter& writer) {
  for (const Part part : kParts) {
    Block block(writer, part);
    for (std::uint64_t row = 0; row < table.rows(); ++row) {
      if (parts[row] == part) block.add(table, row, catalogue);
    }
    block.flush();
  }
}

std::uint64_t count_known(const RawCatalogue& source, const IdMap& items) {
  std::unordered_set<std::uint32_t> known;
  for (const auto& row : source.items) {
    if (const auto index = items.find(row.id)) known.insert(*index);
  }
  return known.size();
}

std::string file_names(const std::vector<SourceFile>& files) {
  std::string names;
  for (const auto& file : files) names += (names.empty() ? "" : " ") + file.name;
  return names;
}

}  // namespace

PrepareReport prepare(RatingReader& reader, const RatingRules& rules, const Split& split,
                      const ShardSetOptions& options) {
  // First, so that an output that may not be replaced is refused before the work.
  ShardSetOptions shard_options = options;
  shard_options.has_time = reader.has_time();
  ShardSetWriter writer(shard_options);

  PrepareReport report;
  auto ratings = number_ratings(reader, rules);
  report.rows_read = ratings.rows_read;
  report.rows_kept = ratings.table.rows();
  if (report.rows_kept == 0) throw InputError("no rating is left of {}", report.rows_read);
  for (const auto& rule : rules) {
    if (auto line = rule->report(); !line.empty()) report.rules.push_back(std::move(line));
  }

  Manifest description;
  description.rated_user_count = ratings.users.size();
  description.rated_item_count = ratings.items.size();
  const auto source = reader.read_catalogue();
  report.has_catalogue = !source.items.empty();
  report.items_with_row = count_known(source, ratings.items);
  const auto catalogue = build_catalogue(source, ratings.users, ratings.items);

  const auto parts = split.assign(ratings.table);
  const auto facts = examine_split(ratings.table, parts);
  report.files = reader.files();
  description.source = file_names(report.files);
  description.format = reader.format();
  description.split = split.policy();
  description.overlap_pairs = facts.overlap_pairs;
  description.cold_users = facts.cold_users;
  description.cold_items = facts.cold_items;
  write_parts(ratings.table, parts, catalogue, writer);
  report.manifest = writer.publish(description, catalogue).manifest();
  return report;
}

}  // namespace nnrec::data
