#include "prep_report.hpp"

#include <algorithm>
#include <filesystem>

#include "nnrec/base/wording.hpp"
#include "nnrec/io/resolved_path.hpp"

namespace nnrec::app {
namespace {

using shards::Part;

constexpr std::size_t kFilesToList = 24;

void print_read(const prepare::PrepareReport& report, Log& log) {
  log.print("read   format {}", report.format);
  for (const auto& sentence : report.evidence) log.print("       {}", sentence);
  for (const auto& file : report.files) {
    log.print("       {}: {} lines, {} bytes, {}", file.name, grouped(file.lines),
              grouped(file.bytes), file.encoding);
  }
  if (!report.left_aside.empty()) {
    log.print("       files left aside: {}", listed(report.left_aside, kFilesToList));
  }
  for (const auto& rule : report.rules) log.print("       {}", rule);
}

void print_kept(const prepare::PrepareReport& report, Log& log) {
  const auto& manifest = report.manifest;
  log.print("kept   {} of {} ratings, {} users, {} items, {} titles", grouped(report.rows_kept),
            grouped(report.lines_read), grouped(manifest.user_count), grouped(manifest.item_count),
            grouped(manifest.title_count));
  if (report.has_catalogue) {
    log.print("       of {} rated items, {} have a catalogue row and {} keep their id as title",
              grouped(manifest.rated_item_count), grouped(report.items_with_row),
              grouped(manifest.rated_item_count - report.items_with_row));
  } else {
    log.print("       no catalogue: items keep their id as title");
  }
  log.print("       without ratings, but kept: {} users, {} items",
            grouped(manifest.user_count - manifest.rated_user_count),
            grouped(manifest.item_count - manifest.rated_item_count));
  log.print("       ratings from {} to {}, mean {:.4f} in the train part", manifest.rating_min,
            manifest.rating_max, manifest.train_rating_mean);
  if (manifest.has_time) {
    log.print("       times from {} to {} (UTC)", date(manifest.time_min), date(manifest.time_max));
  } else {
    log.print("       no times");
  }
}

void print_written(const prepare::PrepareReport& report, const std::string& folder, double seconds,
                   Log& log) {
  const std::filesystem::path place = io::resolved_path(folder);
  std::uint64_t written = 0;
  for (const auto& shard : report.manifest.shards)
    written += std::filesystem::file_size(place / shard.file);
  std::uint64_t read = 0;
  for (const auto& file : report.files) read += file.bytes;
  log.print("wrote  {}: {} shards, {} bytes", folder, report.manifest.shards.size(),
            grouped(written));
  log.print("       {:.3f} s, {:.1f} MB/s", seconds,
            static_cast<double>(read) / 1e6 / std::max(seconds, 1e-9));
  log.print("data digest {}", report.manifest.digest);
}

/// How much of the test part is of users and items that training does not see.
std::string cold_text(const prepare::SplitFacts& facts) {
  if (facts.test_rows == 0) return "nothing, it has no rows";
  return fmt::format("{}, {}, {}", counted(facts.cold_users, facts.test_users, "users"),
                     counted(facts.cold_items, facts.test_items, "items"),
                     counted(facts.cold_rows, facts.test_rows, "ratings"));
}

void warn_of_cold(const prepare::SplitFacts& facts, Log& log) {
  if (!is_much(facts.cold_users, facts.test_users) &&
      !is_much(facts.cold_items, facts.test_items) && !is_much(facts.cold_rows, facts.test_rows)) {
    return;
  }
  log.warn("cold in test: {}: what no train row has is predicted with a zero vector and bias",
           cold_text(facts));
}

bool is_by_user(const shards::Manifest& manifest) {
  return manifest.split.starts_with("per-user") || manifest.split.starts_with("leave-one-out");
}

void print_time_leak(const shards::Manifest& manifest, Log& log) {
  if (!manifest.has_time || manifest.rows(Part::test) == 0) return;
  const auto rows = manifest.rows(Part::train);
  log.print("       time leak: {} of {} train rows ({:.1f} %) are later than the earliest test row",
            grouped(manifest.train_rows_after_test), grouped(rows),
            100 * static_cast<double>(manifest.train_rows_after_test) / static_cast<double>(rows));
  if (is_by_user(manifest) && manifest.train_rows_after_test > 0) {
    log.print("       the split is by user: future ratings of other users are in the train part");
  }
}

}  // namespace

void print_split(const shards::Manifest& manifest, const prepare::SplitFacts& facts, Log& log) {
  log.print("split  {}: {} train, {} validation, {} test", manifest.split,
            grouped(manifest.rows(Part::train)), grouped(manifest.rows(Part::validation)),
            grouped(manifest.rows(Part::test)));
  log.print("       cold in test: {}; (user, item) pairs in both parts: {}", cold_text(facts),
            grouped(manifest.overlap_pairs));
  if (manifest.overlap_pairs > 0) {
    log.warn("{} test pairs also stand in the train part: test errors will look too small",
             grouped(manifest.overlap_pairs));
  }
  if (is_by_user(manifest)) {
    log.print("       left alone by the split, with too few ratings for a test row: {}",
              counted(facts.users - facts.test_users, facts.users, "users"));
  }
  print_time_leak(manifest, log);
}

void print_report(const prepare::PrepareReport& report, const std::string& folder, double seconds,
                  Log& log) {
  print_read(report, log);
  print_kept(report, log);
  print_split(report.manifest, report.split, log);
  warn_of_cold(report.split, log);
  print_written(report, folder, seconds, log);
}

}  // namespace nnrec::app
