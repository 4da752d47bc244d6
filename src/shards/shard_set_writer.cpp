#include "nnrec/shards/shard_set_writer.hpp"

#include <algorithm>

#include "nnrec/base/error.hpp"
#include "nnrec/io/atomic_file.hpp"
#include "nnrec/io/folder_lock.hpp"
#include "nnrec/io/h5_chunk.hpp"
#include "nnrec/io/h5_file.hpp"
#include "nnrec/io/sealed_file.hpp"

#include "column_statistics.hpp"
#include "data_digest.hpp"
#include "manifest_file.hpp"

namespace nnrec::shards {
namespace {
namespace fs = std::filesystem;

/// A chunk of 4-byte values is 256 KiB: within HDF5's default cache, large enough for deflate. It
/// is a block too, so that its digest is made where its values are at hand.
constexpr std::uint64_t kChunkRows = kBlockRows;

bool is_shard_name(const std::string& name) {
  return name.starts_with("shard-") && name.ends_with(".h5");
}

/// Why the folder is not replaced: what in it nnrec did not write. Empty where all of it is a set.
std::string what_is_foreign(const fs::path& folder) {
  bool has_manifest = false;
  for (const auto& entry : fs::directory_iterator(folder)) {
    const auto name = entry.path().filename().string();
    if (name == kManifestName) {
      has_manifest = entry.is_regular_file() && io::has_seal(entry.path());
    } else if (name == io::FolderLock::kFileName) {
      continue;  // A process killed just after the set got its name leaves it.
    } else if (!is_shard_name(name) || !entry.is_regular_file()) {
      return fmt::format("has {}, which is no file of a shard set", name);
    }
  }
  return has_manifest ? "" : "exists and is not a shard set";
}

const ShardSetOptions& checked(const ShardSetOptions& options) {
  if (options.shard_rows == 0) throw UsageError("--shard-rows = 0 is not at least 1");
  const auto& folder = options.folder;
  std::error_code status;
  if (!fs::exists(folder, status) || fs::is_empty(folder, status)) {
    if (!fs::exists(folder, status) || fs::is_directory(folder, status)) return options;
  }
  const std::string reason =
      fs::is_directory(folder, status) ? what_is_foreign(folder) : "exists and is not a folder";
  if (!reason.empty()) {
    throw InputError("{}: {}, so it is not replaced. Give another --output or remove it.",
                     folder.string(), reason);
  }
  return options;
}

void require_lengths(const std::vector<std::string>& texts, std::size_t most, const char* noun) {
  const auto found = std::find_if(texts.begin(), texts.end(),
                                  [=](const auto& text) { return text.size() > most; });
  if (found == texts.end()) return;
  throw InputError("{} {} has {} bytes; a set holds {} at most. Is the right column read?", noun,
                   found - texts.begin(), found->size(), most);
}

}  // namespace

/// A chunk's columns as HDF5 stores them.
struct ShardSetWriter::PackedChunk {
  std::uint64_t first_row = 0;  ///< within its part
  std::uint64_t rows = 0;
  std::array<io::PackedChunk, 4> columns;
  Sha256Digest digest{};
  ColumnStatistics<float> rating;
  ColumnStatistics<std::int64_t> timestamp;
};

/// One shard in the making.
class ShardSetWriter::ShardFile {
 public:
  ShardFile(const fs::path& path, Part part, bool has_time, std::uint64_t chunk_rows)
      : file_(path) {
    file_.attribute("kind", std::string(kShardKind));
    file_.attribute("schema_version", kShardSchemaVersion);
    file_.attribute("part", std::string(part_name(part)));
    create<std::uint32_t>("user", chunk_rows);
    create<std::uint32_t>("item", chunk_rows);
    create<float>("rating", chunk_rows);
    if (has_time) create<std::int64_t>("timestamp", chunk_rows);
  }

  void append(const PackedChunk& chunk) {
    for (std::size_t column = 0; column < names_.size(); ++column) {
      file_.append_chunk(names_[column], chunk.rows, chunk.columns[column]);
    }
  }
  void close() { file_.close(); }

 private:
  template <typename T>
  void create(const char* name, std::uint64_t chunk_rows) {
    file_.create_column<T>(name, chunk_rows);
    names_.emplace_back(name);
  }

  io::H5Writer file_;
  std::vector<std::string> names_;
};

struct ShardSetWriter::Rows {
  std::vector<std::uint32_t> user;
  std::vector<std::uint32_t> item;
  std::vector<float> rating;
  std::vector<std::int64_t> timestamp;

  void resize(std::size_t size, bool has_time) {
    user.resize(size);
    item.resize(size);
    rating.resize(size);
    timestamp.resize(has_time ? size : 0);
  }
  MutableRatingColumns from(std::size_t start) {
    const auto times = timestamp.empty() ? 0 : start;
    return {std::span(user).subspan(start), std::span(item).subspan(start),
            std::span(rating).subspan(start), std::span(timestamp).subspan(times)};
  }
};

/// The rows of one part on their way.
struct ShardSetWriter::Stream {
  std::uint64_t packed_rows = 0;
  Rows waiting;  ///< for a whole chunk
  std::unique_ptr<ShardFile> file;
  std::size_t shard = 0;
  ColumnStatistics<float> rating;
  ColumnStatistics<std::int64_t> timestamp;
};

ShardSetWriter::ShardSetWriter(const ShardSetOptions& options)
    : options_(checked(options)),
      team_(options.threads),
      staged_(options.folder),
      streams_(kParts.size()) {}

ShardSetWriter::~ShardSetWriter() = default;

ShardSetWriter::Stream& ShardSetWriter::stream_of(Part part) {
  return streams_[static_cast<std::size_t>(part)];
}

void ShardSetWriter::append(Part part, const RatingColumns& rows) {
  const auto size = rows.user.size();
  const auto time_size = options_.has_time ? size : rows.timestamp.size();
  if (rows.item.size() != size || rows.rating.size() != size ||
      rows.timestamp.size() != time_size) {
    throw InternalError("the columns of appended ratings differ in length");
  }
  append(part, size, [&](std::uint64_t first, const MutableRatingColumns& to) {
    const auto copy = [first](const auto& from, const auto& target) {
      std::copy_n(from.begin() + static_cast<std::ptrdiff_t>(first), target.size(), target.begin());
    };
    copy(rows.user, to.user);
    copy(rows.item, to.item);
    copy(rows.rating, to.rating);
    copy(rows.timestamp, to.timestamp);
  });
}

void ShardSetWriter::append(Part part, std::uint64_t rows, const FillRows& fill) {
  auto& stream = stream_of(part);
  const auto waiting = stream.waiting.user.size();
  const auto end = stream.packed_rows + waiting + rows;
  const auto chunks = cut_chunks(stream.packed_rows, end);
  if (chunks.empty()) {
    stream.waiting.resize(waiting + rows, options_.has_time);
    if (rows > 0) fill(0, stream.waiting.from(waiting));
    return;
  }
  pack_chunks(part, chunks, [&](const Chunk& chunk, Rows& to) {
    const bool is_first = chunk.first == chunks.front().first;
    if (is_first) to = stream.waiting;
    to.resize(chunk.rows, options_.has_time);
    const auto filled = is_first ? waiting : 0;
    fill(is_first ? 0 : chunk.first - chunks.front().first - waiting, to.from(filled));
  });
  const auto left = end - stream.packed_rows;
  stream.waiting.resize(left, options_.has_time);
  if (left > 0) fill(rows - left, stream.waiting.from(0));
}

/// The whole chunks of rows [first, end) of a part. Chunks end where a shard ends.
std::vector<ShardSetWriter::Chunk> ShardSetWriter::cut_chunks(std::uint64_t first,
                                                              std::uint64_t end) const {
  std::vector<Chunk> chunks;
  for (;;) {
    const auto rows = std::min(kChunkRows, options_.shard_rows - first % options_.shard_rows);
    if (rows > end - first) return chunks;
    chunks.push_back({first, rows});
    first += rows;
  }
}

/// `fill(chunk, rows)` is called on all threads; files are written in order.
template <typename Fill>
void ShardSetWriter::pack_chunks(Part part, const std::vector<Chunk>& chunks, const Fill& fill) {
  std::vector<PackedChunk> packed(team_.slots());
  std::vector<Rows> rows(static_cast<std::size_t>(team_.size()));
  team_.make_in_order(
      chunks.size(),
      [&](std::size_t piece, std::size_t slot, std::size_t thread) {
        fill(chunks[piece], rows[thread]);
        packed[slot] = pack(chunks[piece], rows[thread]);
      },
      [&](std::size_t, std::size_t slot) { staged_.write([&] { write(part, packed[slot]); }); });
}

ShardSetWriter::PackedChunk ShardSetWriter::pack(const Chunk& chunk, const Rows& rows) const {
  // A shard of fewer rows than a chunk is one chunk of just these.
  const bool is_first = chunk.first % options_.shard_rows == 0;
  const auto chunk_rows = is_first ? chunk.rows : kChunkRows;
  const auto column = [&](const auto& values) {
    return io::pack_chunk(std::span(values), chunk_rows);
  };
  PackedChunk packed;
  packed.first_row = chunk.first;
  packed.rows = chunk.rows;
  packed.columns = {column(rows.user), column(rows.item), column(rows.rating), {}};
  packed.digest = block_digest({rows.user, rows.item, rows.rating, rows.timestamp});
  packed.rating = statistics_of(std::span<const float>(rows.rating));
  if (!options_.has_time) return packed;
  packed.columns.back() = column(rows.timestamp);
  packed.timestamp = statistics_of(std::span<const std::int64_t>(rows.timestamp));
  return packed;
}

void ShardSetWriter::write(Part part, const PackedChunk& chunk) {
  auto& stream = stream_of(part);
  if (!stream.file) {
    ShardInfo info;
    info.file = fmt::format("shard-{:05}.h5", shards_.size());
    info.part = part;
    stream.file = std::make_unique<ShardFile>(staged_.path() / info.file, part, options_.has_time,
                                              chunk.rows);
    stream.shard = shards_.size();
    shards_.push_back(info);
  }
  stream.file->append(chunk);
  stream.rating.add(chunk.rating);
  stream.timestamp.add(chunk.timestamp);
  stream.packed_rows += chunk.rows;
  auto& info = shards_[stream.shard];
  info.rows += chunk.rows;
  info.blocks.push_back(chunk.digest);
  if (info.rows == options_.shard_rows) close_shard(part);
}

void ShardSetWriter::close_shard(Part part) {
  auto& file = stream_of(part).file;
  if (!file) return;
  file->close();
  file.reset();
}

/// Rows that wait for a whole chunk are the part's last.
void ShardSetWriter::finish(Part part) {
  auto& stream = stream_of(part);
  if (const auto rows = stream.waiting.user.size(); rows > 0) {
    write(part, pack({stream.packed_rows, rows}, stream.waiting));
    stream.waiting = {};
  }
  close_shard(part);
}

/// All at once: hashing is work for all threads, and the devices flush better together.
void ShardSetWriter::seal_shards() {
  team_.for_each(shards_.size(), [&](std::size_t index, std::size_t) {
    const auto path = staged_.path() / shards_[index].file;
    io::append_seal(path);
    io::flush_to_device(path);
  });
}

ShardSet ShardSetWriter::publish(const Manifest& description, const Catalogue& catalogue) {
  require_lengths(catalogue.user_ids, kMostIdBytes, "the id of user");
  require_lengths(catalogue.item_ids, kMostIdBytes, "the id of item");
  require_lengths(catalogue.titles, kMostTitleBytes, "title");
  staged_.write([&] {
    for (const Part part : kParts) finish(part);
    if (shards_.empty()) throw InputError("there are no ratings to write");
    seal_shards();
  });
  ColumnStatistics<float> rating;
  ColumnStatistics<std::int64_t> timestamp;
  for (const auto& stream : streams_) {
    rating.add(stream.rating);
    timestamp.add(stream.timestamp);
  }
  Manifest manifest = description;
  manifest.user_count = catalogue.user_ids.size();
  manifest.item_count = catalogue.item_ids.size();
  manifest.title_count = catalogue.titles.size();
  manifest.rating_min = rating.low;
  manifest.rating_max = rating.high;
  manifest.train_rating_mean = stream_of(Part::train).rating.mean;
  manifest.has_time = options_.has_time;
  manifest.time_min = timestamp.low;
  manifest.time_max = timestamp.high;
  manifest.time_mean = timestamp.mean;
  manifest.time_variance = timestamp.squares / static_cast<double>(rating.rows);
  manifest.shards = shards_;
  // Last of all files: a folder without it is no set.
  staged_.write([&] { write_manifest(staged_.path() / kManifestName, manifest, catalogue); });
  auto set = ShardSet::open(staged_.path());  // What reading would refuse replaces nothing.
  checked(options_);                          // Someone may have put files there in the meantime.
  staged_.publish();
  set.folder_ = options_.folder;
  return set;
}

}  // namespace nnrec::shards
