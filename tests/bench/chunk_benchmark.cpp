// Packs and unpacks the columns of a shard set, chunk by chunk on one thread, with what nnrec uses
// and what it could use instead: nanoseconds of processor time and bytes a rating, all columns
// together. Not a test.
//   build/bin/nnrec_synth --output /tmp/set --format shards --ratings 5000000 --users 33000 --items
//   3500 build/bin/chunk_benchmark /tmp/set [ROUNDS]
#include <algorithm>
#include <cstdlib>
#include <functional>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <isa-l/igzip_lib.h>
#include <libdeflate.h>
#include <time.h>
#include <zlib.h>

#include "nnrec/base/error.hpp"
#include "nnrec/io/h5_chunk.hpp"
#include "nnrec/shards/shard_set.hpp"

namespace nnrec {
namespace {

using Bytes = std::vector<std::uint8_t>;
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

/// All whole chunks of a set, each as its four columns' byte planes.
struct Chunks {
  std::vector<Bytes> planes;
  std::size_t rows = 0;

  template <typename T>
  void add(std::span<const T> values) {
    Bytes bytes(values.size_bytes());
    const auto* from = reinterpret_cast<const std::uint8_t*>(values.data());
    for (std::size_t at = 0; at < bytes.size(); ++at) {
      bytes[at % sizeof(T) * values.size() + at / sizeof(T)] = from[at];
    }
    planes.push_back(std::move(bytes));
  }
};

Chunks chunks_of(const shards::ShardSet& set) {
  Chunks chunks;
  for (std::size_t shard = 0; shard < set.manifest().shards.size(); ++shard) {
    const auto rows = set.manifest().shards[shard].rows;
    std::vector<std::uint32_t> user(rows), item(rows), title(rows);
    std::vector<float> rating(rows);
    std::vector<std::int64_t> time(rows);
    set.read_shard(shard, {user, item, title, rating, time}, math::ThreadTeam(0));
    for (std::size_t first = 0; first + kChunkRows <= rows; first += kChunkRows) {
      chunks.add(std::span<const std::uint32_t>(user).subspan(first, kChunkRows));
      chunks.add(std::span<const std::uint32_t>(item).subspan(first, kChunkRows));
      chunks.add(std::span<const float>(rating).subspan(first, kChunkRows));
      chunks.add(std::span<const std::int64_t>(time).subspan(first, kChunkRows));
      chunks.rows += kChunkRows;
    }
  }
  return chunks;
}

void require(bool holds, const char* what) {
  if (!holds) throw InternalError("{} fails", what);
}

struct Packer {
  std::string name;
  std::function<void(const Bytes& from, Bytes& to)> pack;  ///< `to` has room, and is cut
};

Packer isal_packer(std::uint32_t level) {
  return {fmt::format("ISA-L {}", level), [level](const Bytes& from, Bytes& to) {
            constexpr std::array<std::uint32_t, 4> kRoom{
                0, ISAL_DEF_LVL1_DEFAULT, ISAL_DEF_LVL2_DEFAULT, ISAL_DEF_LVL3_DEFAULT};
            static Bytes room(kRoom.back());
            isal_zstream stream;
            isal_deflate_stateless_init(&stream);
            stream.level = level;
            stream.level_buf = level == 0 ? nullptr : room.data();
            stream.level_buf_size = kRoom[level];
            stream.gzip_flag = IGZIP_ZLIB;
            stream.end_of_stream = 1;
            stream.next_in = const_cast<std::uint8_t*>(from.data());
            stream.avail_in = static_cast<std::uint32_t>(from.size());
            stream.next_out = to.data();
            stream.avail_out = static_cast<std::uint32_t>(to.size());
            require(isal_deflate_stateless(&stream) == COMP_OK, "ISA-L");
            to.resize(stream.total_out);
          }};
}

Packer libdeflate_packer(int level) {
  return {
      fmt::format("libdeflate {}", level),
      [packer = libdeflate_alloc_compressor(level)](const Bytes& from, Bytes& to) {
        to.resize(libdeflate_zlib_compress(packer, from.data(), from.size(), to.data(), to.size()));
        require(!to.empty(), "libdeflate");
      }};
}

Packer zlib_packer(int level) {
  return {fmt::format("zlib {}", level), [level](const Bytes& from, Bytes& to) {
            uLongf size = to.size();
            require(compress2(to.data(), &size, from.data(), from.size(), level) == Z_OK, "zlib");
            to.resize(size);
          }};
}

Packer product_packer() {
  return {"nnrec", [](const Bytes& from, Bytes& to) {
            const auto packed = io::deflate_chunk(std::span(from), from.size());
            const auto* bytes = reinterpret_cast<const std::uint8_t*>(packed.data());
            to.assign(bytes, bytes + packed.size());
          }};
}

struct Unpacker {
  std::string name;
  std::function<void(const Bytes& from, Bytes& to)> unpack;  ///< fills `to`
};

std::vector<Unpacker> unpackers() {
  const auto product = [](const Bytes& from, Bytes& to) {
    require(io::inflate_chunk(std::as_bytes(std::span(from)), to.size(), 0, std::span(to)),
            "nnrec");
  };
  const auto isal = [](const Bytes& from, Bytes& to) {
    inflate_state state;
    isal_inflate_init(&state);
    state.crc_flag = ISAL_ZLIB;
    state.next_in = const_cast<std::uint8_t*>(from.data());
    state.avail_in = static_cast<std::uint32_t>(from.size());
    state.next_out = to.data();
    state.avail_out = static_cast<std::uint32_t>(to.size());
    require(isal_inflate(&state) == ISAL_DECOMP_OK && state.total_out == to.size(), "ISA-L");
  };
  const auto libdeflate = [inflater = libdeflate_alloc_decompressor()](const Bytes& from,
                                                                       Bytes& to) {
    require(libdeflate_zlib_decompress(inflater, from.data(), from.size(), to.data(), to.size(),
                                       nullptr) == LIBDEFLATE_SUCCESS,
            "libdeflate");
  };
  const auto zlib = [](const Bytes& from, Bytes& to) {
    uLongf size = to.size();
    require(uncompress(to.data(), &size, from.data(), from.size()) == Z_OK && size == to.size(),
            "zlib");
  };
  return {{"nnrec", product}, {"ISA-L", isal}, {"libdeflate", libdeflate}, {"zlib", zlib}};
}

/// Packs all chunks and prints what it took. Returns the last round's results.
std::vector<Bytes> measure(const Packer& packer, const Chunks& chunks, int rounds) {
  std::vector<Bytes> packed(chunks.planes.size());
  const double seconds = seconds_of(rounds, [&] {
    for (std::size_t chunk = 0; chunk < packed.size(); ++chunk) {
      packed[chunk].resize(2 * chunks.planes[chunk].size() + 1024);
      packer.pack(chunks.planes[chunk], packed[chunk]);
    }
  });
  std::size_t bytes = 0;
  for (const auto& chunk : packed) bytes += chunk.size();
  const auto rows = static_cast<double>(chunks.rows);
  fmt::print("pack    {:12} {:7.2f} ns  {:6.3f} bytes a rating\n", packer.name,
             1e9 * seconds / rows, static_cast<double>(bytes) / rows);
  return packed;
}

void measure(const Unpacker& unpacker, const std::vector<Bytes>& packed, const Chunks& chunks,
             int rounds) {
  Bytes room;
  const double seconds = seconds_of(rounds, [&] {
    for (std::size_t chunk = 0; chunk < packed.size(); ++chunk) {
      room.resize(chunks.planes[chunk].size());
      unpacker.unpack(packed[chunk], room);
      if (room != chunks.planes[chunk]) throw InternalError("{}: other bytes", unpacker.name);
    }
  });
  fmt::print("unpack  {:12} {:7.2f} ns a rating\n", unpacker.name,
             1e9 * seconds / static_cast<double>(chunks.rows));
}

void run(const char* folder, int rounds) {
  const auto chunks = chunks_of(shards::ShardSet::open(folder));
  if (chunks.rows == 0) throw InputError("{}: no shard has {} ratings", folder, kChunkRows);
  const auto packed = measure(product_packer(), chunks, rounds);
  for (const std::uint32_t level : {0U, 1U, 2U, 3U}) measure(isal_packer(level), chunks, rounds);
  for (const int level : {1, 2}) measure(libdeflate_packer(level), chunks, rounds);
  measure(zlib_packer(1), chunks, rounds);
  for (const auto& unpacker : unpackers()) measure(unpacker, packed, chunks, rounds);
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
