#include "nnrec/data/shard_set_writer.hpp"

#include <algorithm>

#include "nnrec/base/error.hpp"
#include "nnrec/io/atomic_file.hpp"
#include "nnrec/io/h5_chunk.hpp"
#include "nnrec/io/h5_file.hpp"
#include "nnrec/io/sealed_file.hpp"

#include "manifest_file.hpp"

namespace nnrec::data {
namespace {
namespace fs = std::filesystem;

/// A chunk of 4-byte values is 256 KiB: within HDF5's default cache, large enough for deflate.
constexpr std::uint64_t kChunkRows = 1 << 16;
constexpr std::size_t kPendingRows = 4 * kChunkRows;

bool is_shard_name(const std::string& name) {
  return name.starts_with("shard-") && name.ends_with(".h5");
}

/// Whether all that is in the folder was written by nnrec, so that it may be replaced.
bool is_shard_set(const fs::path& folder) {
  bool has_manifest = false;
  for (const auto& entry : fs::directory_iterator(folder)) {
    const auto name = entry.path().filename().string();
    if (name == kManifestName) {
      has_manifest = entry.is_regular_file() && io::has_seal(entry.path());
    } else if (!is_shard_name(name) || !entry.is_regular_file()) {
      return false;
    }
  }
  return has_manifest;
}

const ShardSetOptions& checked(const ShardSetOptions& options) {
  if (options.shard_rows == 0) throw UsageError("--shard-rows = 0 is not at least 1");
  const auto& folder = options.folder;
  std::error_code status;
  if (!fs::exists(folder, status) || fs::is_empty(folder, status)) {
    if (!fs::exists(folder, status) || fs::is_directory(folder, status)) return options;
  }
  if (!fs::is_directory(folder, status) || !is_shard_set(folder)) {
    throw InputError(
        "{}: exists and is not a shard set, so it is not replaced. Give another --output or "
        "remove it.",
        folder.string());
  }
  return options;
}

template <typename T>
std::span<T> part_of(std::span<T> column, std::size_t start, std::size_t count) {
  return column.empty() ? column : column.subspan(start, count);
}

RatingColumns part_of(const RatingColumns& rows, std::size_t start, std::size_t count) {
  return {part_of(rows.user, start, count),
          part_of(rows.item, start, count),
          {},
          part_of(rows.rating, start, count),
          part_of(rows.timestamp, start, count)};
}

}  // namespace

/// Rows of a shard that wait for a few full chunks, so that there is work for all threads.
struct PendingRows {
  std::vector<std::uint32_t> user;
  std::vector<std::uint32_t> item;
  std::vector<float> rating;
  std::vector<std::int64_t> timestamp;
};

/// One shard in the making.
class ShardSetWriter::ShardFile {
 public:
  ShardFile(const fs::path& path, Part part, bool has_time, const math::ThreadTeam& team)
      : path_(path), has_time_(has_time), team_(team), file_(path) {
    file_.attribute("kind", std::string(kShardKind));
    file_.attribute("schema_version", kShardSchemaVersion);
    file_.attribute("part", std::string(part_name(part)));
  }

  void append(const RatingColumns& rows) {
    for (std::size_t start = 0; start < rows.user.size();) {
      const auto room = kPendingRows - pending_.user.size();
      const auto count = std::min(room, rows.user.size() - start);
      const auto piece = part_of(rows, start, count);
      pending_.user.insert(pending_.user.end(), piece.user.begin(), piece.user.end());
      pending_.item.insert(pending_.item.end(), piece.item.begin(), piece.item.end());
      pending_.rating.insert(pending_.rating.end(), piece.rating.begin(), piece.rating.end());
      if (has_time_) {
        pending_.timestamp.insert(pending_.timestamp.end(), piece.timestamp.begin(),
                                  piece.timestamp.end());
      }
      start += count;
      rows_ += count;
      if (pending_.user.size() == kPendingRows) write_pending();
    }
  }
  std::uint64_t rows() const noexcept { return rows_; }

  void close() {
    write_pending();
    file_.close();
  }
  const fs::path& path() const noexcept { return path_; }

 private:
  using Packed = std::vector<std::byte>;

  template <typename T>
  void create(const char* name) {
    file_.create_column<T>(name, chunk_rows_);
    names_.emplace_back(name);
  }

  /// A shard of fewer rows than a chunk is one chunk of just these.
  void create_columns() {
    chunk_rows_ = std::min<std::uint64_t>(kChunkRows, pending_.user.size());
    create<std::uint32_t>("user");
    create<std::uint32_t>("item");
    create<float>("rating");
    if (has_time_) create<std::int64_t>("timestamp");
  }

  template <typename T>
  Packed pack(const std::vector<T>& values, std::size_t start, std::size_t count) const {
    return io::deflate_chunk(std::span<const T>(values).subspan(start, count), chunk_rows_);
  }
  Packed pack(std::size_t column, std::size_t start, std::size_t count) const {
    switch (column) {
      case 0:
        return pack(pending_.user, start, count);
      case 1:
        return pack(pending_.item, start, count);
      case 2:
        return pack(pending_.rating, start, count);
      default:
        return pack(pending_.timestamp, start, count);
    }
  }

  void write_pending() {
    const auto rows = pending_.user.size();
    if (rows == 0) return;
    if (names_.empty()) create_columns();
    const auto columns = names_.size();
    const auto chunks = (rows + chunk_rows_ - 1) / chunk_rows_;
    const auto rows_of = [&](std::size_t chunk) {
      return std::min<std::uint64_t>(chunk_rows_, rows - chunk * chunk_rows_);
    };
    std::vector<Packed> packed(chunks * columns);
    team_.for_each(packed.size(), [&](std::size_t piece, std::size_t) {
      const auto chunk = piece / columns;
      packed[piece] = pack(piece % columns, chunk * chunk_rows_, rows_of(chunk));
    });
    for (std::size_t piece = 0; piece < packed.size(); ++piece) {
      file_.append_chunk(names_[piece % columns], rows_of(piece / columns), packed[piece]);
    }
    pending_.user.clear();
    pending_.item.clear();
    pending_.rating.clear();
    pending_.timestamp.clear();
  }

  fs::path path_;
  bool has_time_;
  const math::ThreadTeam& team_;
  io::H5Writer file_;
  std::uint64_t rows_ = 0;
  std::uint64_t chunk_rows_ = 0;
  std::vector<std::string> names_;
  PendingRows pending_;
};

ShardSetWriter::ShardSetWriter(const ShardSetOptions& options)
    : options_(checked(options)), team_(options.threads), staged_(options.folder) {}

ShardSetWriter::~ShardSetWriter() = default;

void ShardSetWriter::append(Part part, const RatingColumns& rows) {
  const auto size = rows.user.size();
  const auto time_size = options_.has_time ? size : rows.timestamp.size();
  if (rows.item.size() != size || rows.rating.size() != size ||
      rows.timestamp.size() != time_size) {
    throw InternalError("the columns of appended ratings differ in length");
  }
  count(part, rows);
  for (std::size_t start = 0; start < size;) {
    const auto& shard = open_shards_[static_cast<std::size_t>(part)];
    const auto room = options_.shard_rows - (shard ? shard->rows() : 0);
    const auto piece = static_cast<std::size_t>(std::min<std::uint64_t>(room, size - start));
    append_to_shard(part, part_of(rows, start, piece));
    start += piece;
  }
}

void ShardSetWriter::append_to_shard(Part part, const RatingColumns& rows) {
  auto& shard = open_shards_[static_cast<std::size_t>(part)];
  if (!shard) {
    ShardInfo info;
    info.file = fmt::format("shard-{:05}.h5", shards_.size());
    info.part = part;
    shard = std::make_unique<ShardFile>(staged_.path() / info.file, part, options_.has_time, team_);
    shards_.push_back(info);
  }
  shard->append(rows);
  if (shard->rows() == options_.shard_rows) close_shard(part);
}

void ShardSetWriter::close_shard(Part part) {
  auto& shard = open_shards_[static_cast<std::size_t>(part)];
  if (!shard) return;
  const auto info = std::find_if(shards_.begin(), shards_.end(), [&](const ShardInfo& other) {
    return other.file == shard->path().filename();
  });
  info->rows = shard->rows();
  shard->close();
  shard.reset();
}

/// All at once: hashing is work for all threads, and the devices flush better together.
void ShardSetWriter::seal_shards() {
  team_.for_each(shards_.size(), [&](std::size_t index, std::size_t) {
    auto& info = shards_[index];
    const auto path = staged_.path() / info.file;
    info.digest = io::append_seal(path);
    info.bytes = fs::file_size(path);
    io::flush_to_device(path);
  });
}

void ShardSetWriter::count(Part part, const RatingColumns& rows) {
  auto& all = statistics_;
  for (std::size_t row = 0; row < rows.rating.size(); ++row) {
    const double rating = rows.rating[row];
    all.rating_min = all.rows == 0 ? rating : std::min(all.rating_min, rating);
    all.rating_max = all.rows == 0 ? rating : std::max(all.rating_max, rating);
    if (part == Part::train) {
      ++all.train_rows;
      all.train_rating_mean +=
          (rating - all.train_rating_mean) / static_cast<double>(all.train_rows);
    }
    ++all.rows;
    if (!options_.has_time) continue;
    const auto time = rows.timestamp[row];
    all.time_min = all.rows == 1 ? time : std::min(all.time_min, time);
    all.time_max = all.rows == 1 ? time : std::max(all.time_max, time);
    const double difference = static_cast<double>(time) - all.time_mean;
    all.time_mean += difference / static_cast<double>(all.rows);
    all.time_squares += difference * (static_cast<double>(time) - all.time_mean);
  }
}

ShardSet ShardSetWriter::publish(const Manifest& description, const Catalogue& catalogue) {
  if (statistics_.rows == 0) throw InputError("there are no ratings to write");
  for (const Part part : kParts) close_shard(part);
  seal_shards();
  Manifest manifest = description;
  manifest.user_count = catalogue.user_ids.size();
  manifest.item_count = catalogue.item_ids.size();
  manifest.title_count = catalogue.titles.size();
  manifest.rating_min = statistics_.rating_min;
  manifest.rating_max = statistics_.rating_max;
  manifest.train_rating_mean = statistics_.train_rating_mean;
  manifest.has_time = options_.has_time;
  manifest.time_min = statistics_.time_min;
  manifest.time_max = statistics_.time_max;
  manifest.time_mean = statistics_.time_mean;
  manifest.time_variance = statistics_.time_squares / static_cast<double>(statistics_.rows);
  manifest.shards = shards_;
  // Last of all files: a folder without it is no set.
  write_manifest(staged_.path() / kManifestName, manifest, catalogue);
  checked(options_);  // Someone may have put files there in the meantime.
  staged_.publish();
  return ShardSet::open(options_.folder);
}

}  // namespace nnrec::data
