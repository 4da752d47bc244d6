// Packs and unpacks the columns of a shard set, chunk by chunk on one thread, in every form that a
// column can have: nanoseconds of processor time and bytes a rating. Not a test.
//   build/bin/nnrec_synth --output /tmp/set --format shards --ratings 5000000 --users 33000 --items
//   3500 build/bin/chunk_benchmark /tmp/set [ROUNDS]
#include <algorithm>
#include <cstdlib>
#include <functional>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <time.h>

#include "nnrec/base/error.hpp"
#include "nnrec/io/h5_chunk.hpp"
#include "nnrec/shards/shard_set.hpp"

namespace nnrec {
namespace {

constexpr std::size_t kChunkRows = 1 << 16;

double processor_seconds() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

/// The least of `rounds`.
double seconds_of(int rounds, const std::function<void()>& work) {
  double least = 1e300;
  for (int round = 0; round < rounds; ++round) {
    const double start = processor_seconds();
    work();
    least = std::min(least, processor_seconds() - start);
  }
  return least;
}

/// The chunks of one column.
template <typename T>
using Chunks = std::vector<std::vector<T>>;

struct Columns {
  Chunks<std::uint32_t> user;
  Chunks<std::uint32_t> item;
  Chunks<float> rating;
  Chunks<std::int64_t> timestamp;
};

/// All whole chunks of a set.
Columns columns_of(const shards::ShardSet& set) {
  Columns columns;
  const auto add = [](auto& chunks, const auto& values) {
    for (std::size_t first = 0; first + kChunkRows <= values.size(); first += kChunkRows) {
      const auto from = values.begin() + static_cast<std::ptrdiff_t>(first);
      chunks.emplace_back(from, from + kChunkRows);
    }
  };
  for (std::size_t shard = 0; shard < set.manifest().shards.size(); ++shard) {
    const auto rows = set.manifest().shards[shard].rows;
    std::vector<std::uint32_t> user(rows), item(rows);
    std::vector<float> rating(rows);
    std::vector<std::int64_t> time(rows);
    set.read_shard(shard, {user, item, rating, time}, math::ThreadTeam(0));
    add(columns.user, user);
    add(columns.item, item);
    add(columns.rating, rating);
    add(columns.timestamp, time);
  }
  return columns;
}

/// How a column is packed: in one form, or each chunk in its own.
template <typename T>
using FormOf = std::function<io::ChunkForm(std::span<const T>)>;

template <typename T>
void measure(const std::string& name, const Chunks<T>& chunks, const FormOf<T>& form, int rounds) {
  std::vector<io::PackedChunk> packed(chunks.size());
  const double packing = seconds_of(rounds, [&] {
    for (std::size_t chunk = 0; chunk < packed.size(); ++chunk) {
      const std::span<const T> values(chunks[chunk]);
      packed[chunk] = io::pack_chunk(values, kChunkRows, form(values));
    }
  });
  std::vector<T> values(kChunkRows);
  const double unpacking = seconds_of(rounds, [&] {
    for (std::size_t chunk = 0; chunk < packed.size(); ++chunk) {
      if (!io::unpack_chunk(packed[chunk], kChunkRows, 0, std::span(values)) ||
          values != chunks[chunk]) {
        throw InternalError("{}: other values", name);
      }
    }
  });
  std::size_t bytes = 0;
  for (const auto& chunk : packed) bytes += chunk.bytes.size();
  const auto rows = static_cast<double>(kChunkRows * chunks.size());
  fmt::print("{:20} pack {:6.2f} ns  unpack {:6.2f} ns  {:6.3f} bytes\n", name,
             1e9 * packing / rows, 1e9 * unpacking / rows, static_cast<double>(bytes) / rows);
}

template <typename T>
void measure_forms(const std::string& name, const Chunks<T>& chunks, int rounds) {
  using io::ChunkForm;
  measure<T>(
      name + ", deflated", chunks, [](auto) { return ChunkForm::deflated; }, rounds);
  if (!io::kCanBeScaled<T>) return;
  measure<T>(
      name + ", scaled", chunks, [](auto) { return ChunkForm::scaled; }, rounds);
  measure<T>(name + ", as nnrec", chunks, &io::chunk_form<T>, rounds);
}

void run(const char* folder, int rounds) {
  const auto columns = columns_of(shards::ShardSet::open(folder));
  if (columns.user.empty()) throw InputError("{}: no shard has {} ratings", folder, kChunkRows);
  measure_forms("user", columns.user, rounds);
  measure_forms("item", columns.item, rounds);
  measure_forms("rating", columns.rating, rounds);
  measure_forms("timestamp", columns.timestamp, rounds);
}

}  // namespace
}  // namespace nnrec

int main(int argc, char** argv) {
  if (argc < 2 || argc > 3) {
    fmt::print(stderr, "chunk_benchmark SET [ROUNDS]\n");
    return 2;
  }
  try {
    nnrec::run(argv[1], argc == 3 ? std::atoi(argv[2]) : 5);
  } catch (const std::exception& error) {
    fmt::print(stderr, "chunk_benchmark: {}\n", error.what());
    return 1;
  }
  return 0;
}
