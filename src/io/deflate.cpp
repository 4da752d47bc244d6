#include "deflate.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <cstring>
#include <memory>

namespace nnrec::io {
namespace {

constexpr std::size_t kBlockBytes = 1 << 16;
constexpr std::size_t kLiterals = 256;
constexpr std::size_t kEndOfBlock = 256;
constexpr std::size_t kLongestLength = 285;  ///< the symbol of kLongestMatch
constexpr std::size_t kSymbols = 286;        ///< literals, end, lengths
constexpr std::size_t kShortestMatch = 3;
constexpr std::size_t kLongestMatch = 258;
/// A shorter run is hardly longer as literals, which are faster.
constexpr std::size_t kLeastRun = sizeof(std::uint32_t);
constexpr unsigned kLongestCode = 15;
constexpr unsigned kLongestLengthCode = 7;
/// Of a block: no symbol takes more bits than two bytes have.
constexpr std::size_t kMostBlockBytes = 2 * kBlockBytes + 1024;

template <typename Word>
Word load(const std::uint8_t* at) noexcept {
  Word word;
  std::memcpy(&word, at, sizeof word);
  return word;
}

/// Bytes to be written as they are, then repetitions of the last byte.
struct Segment {
  std::uint32_t literals;
  std::uint32_t run;
};

/// A length's symbol and the bits that follow it (RFC 1951, 3.2.5).
struct LengthSymbol {
  std::size_t symbol;
  unsigned extra_bits;
  unsigned extra;
};
LengthSymbol length_symbol(std::size_t length) noexcept {
  const auto value = static_cast<unsigned>(length - kShortestMatch);
  if (length == kLongestMatch) return {kLongestLength, 0, 0};
  if (value < 8) return {257 + value, 0, 0};
  const auto extra_bits = static_cast<unsigned>(std::bit_width(value)) - 3;
  return {257 + 4 * extra_bits + (value >> extra_bits), extra_bits,
          value & ((1U << extra_bits) - 1)};
}

template <std::size_t size>
using Counts = std::array<std::uint32_t, size>;

/// A prefix code: by symbol, the bits in the order of the stream and their number; 0 of none.
template <std::size_t size>
struct Code {
  std::array<std::uint16_t, size> bits{};
  std::array<std::uint8_t, size> lengths{};
};

/// Depths of the leaves of a Huffman tree by rank, for rising weights. At least two.
std::vector<unsigned> leaf_depths(const std::vector<std::uint32_t>& weights) {
  const auto leaves = weights.size();
  const auto nodes = 2 * leaves - 1;
  std::vector<std::uint64_t> weight(weights.begin(), weights.end());
  weight.resize(nodes);
  std::vector<std::size_t> parent(nodes);
  // Inner nodes come about in rising order too: the lightest node is the next of two queues.
  std::size_t leaf = 0;
  std::size_t inner = leaves;
  for (auto made = leaves; made < nodes; ++made) {
    for (int child = 0; child < 2; ++child) {
      const bool take_leaf = leaf < leaves && (inner == made || weight[leaf] <= weight[inner]);
      const auto taken = take_leaf ? leaf++ : inner++;
      weight[made] += weight[taken];
      parent[taken] = made;
    }
  }
  std::vector<unsigned> depth(nodes, 0);
  for (auto node = nodes - 1; node-- > 0;) depth[node] = depth[parent[node]] + 1;
  depth.resize(leaves);
  return depth;
}

/// Makes a code's lengths fit: long ones are cut, and the room they take is taken from others.
/// `counts` says how many codes have each length.
void limit_lengths(std::vector<std::uint32_t>& counts, unsigned limit) {
  for (auto length = limit + 1; length < counts.size(); ++length) {
    counts[limit] += counts[length];
    counts[length] = 0;
  }
  std::uint64_t room = 0;  // in codes of the longest length
  for (unsigned length = 1; length <= limit; ++length) {
    room += std::uint64_t{counts[length]} << (limit - length);
  }
  for (; room > std::uint64_t{1} << limit; --room) {
    auto shorter = limit - 1;
    while (counts[shorter] == 0) --shorter;
    --counts[limit];
    --counts[shorter];
    counts[shorter + 1] += 2;
  }
}

/// The canonical code of given lengths (RFC 1951, 3.2.2), bits turned round as the stream has them.
template <std::size_t size>
void assign_bits(Code<size>& code) {
  std::array<std::uint32_t, kLongestCode + 2> next{};
  for (const auto length : code.lengths) next[length + 1U] += length > 0 ? 1 : 0;
  for (std::size_t length = 1; length < next.size(); ++length) {
    next[length] = (next[length] + next[length - 1]) << 1;
  }
  for (std::size_t symbol = 0; symbol < size; ++symbol) {
    const unsigned length = code.lengths[symbol];
    if (length == 0) continue;
    auto value = next[length]++;
    std::uint32_t turned = 0;
    for (unsigned bit = 0; bit < length; ++bit, value >>= 1) turned = turned << 1 | (value & 1);
    code.bits[symbol] = static_cast<std::uint16_t>(turned);
  }
}

/// Requires two symbols that occur at least.
template <std::size_t size>
Code<size> make_code(const Counts<size>& occurrences, unsigned limit) {
  std::vector<std::uint32_t> symbols;
  for (std::uint32_t symbol = 0; symbol < size; ++symbol) {
    if (occurrences[symbol] > 0) symbols.push_back(symbol);
  }
  std::stable_sort(symbols.begin(), symbols.end(), [&](std::uint32_t a, std::uint32_t b) {
    return occurrences[a] < occurrences[b];
  });
  std::vector<std::uint32_t> weights;
  for (const auto symbol : symbols) weights.push_back(occurrences[symbol]);
  std::vector<std::uint32_t> counts(size + 1, 0);
  for (const auto depth : leaf_depths(weights)) ++counts[depth];
  limit_lengths(counts, limit);
  Code<size> code;
  std::size_t rank = 0;
  for (auto length = limit; length > 0; --length) {
    for (; counts[length] > 0; --counts[length]) {
      code.lengths[symbols[rank++]] = static_cast<std::uint8_t>(length);
    }
  }
  assign_bits(code);
  return code;
}

/// Bits, the lowest first. At most 56 between two calls of flush().
class BitWriter {
 public:
  explicit BitWriter(std::uint8_t* to) noexcept : to_(to) {}
  void put(std::uint64_t bits, unsigned count) noexcept {
    buffer_ |= bits << count_;
    count_ += count;
  }
  void flush() noexcept {
    std::memcpy(to_, &buffer_, sizeof buffer_);
    to_ += count_ >> 3;
    buffer_ >>= count_ & ~7U;
    count_ &= 7;
  }
  /// Fills up the last byte. Returns the place behind it.
  std::uint8_t* end() noexcept {
    count_ = (count_ + 7) & ~7U;
    flush();
    return to_;
  }

 private:
  std::uint8_t* to_;
  std::uint64_t buffer_ = 0;
  unsigned count_ = 0;
};

template <std::size_t size>
void put_symbol(BitWriter& out, const Code<size>& code, std::size_t symbol) noexcept {
  out.put(code.bits[symbol], code.lengths[symbol]);
}

/// One block in the making.
class Block {
 public:
  /// Bytes [start, end) of `bytes`.
  Block(const std::uint8_t* bytes, std::size_t start, std::size_t end)
      : first_(bytes + start), end_(bytes + end) {
    find_runs(start == 0 ? first_ + 1 : first_);
    count_symbols();
  }
  void write(BitWriter& out, bool is_last) const;

 private:
  void find_runs(const std::uint8_t* at);
  void count_symbols();
  void write_code(BitWriter& out, const Code<kSymbols>& code) const;
  void write_run(BitWriter& out, const Code<kSymbols>& code, std::size_t run,
                 std::size_t byte) const;

  const std::uint8_t* first_;
  const std::uint8_t* end_;
  std::vector<Segment> segments_;
  Counts<kSymbols> occurrences_{};
};

/// `at`: the first byte that has one before it.
void Block::find_runs(const std::uint8_t* at) {
  const auto* start = first_;
  while (end_ - at >= static_cast<std::ptrdiff_t>(kLeastRun)) {
    if (load<std::uint32_t>(at) != load<std::uint32_t>(at - 1)) {
      ++at;
      continue;
    }
    const auto* run = at;
    at += kLeastRun;
    while (end_ - at >= 8 && load<std::uint64_t>(at) == load<std::uint64_t>(at - 1)) at += 8;
    while (at < end_ && *at == *run) ++at;
    segments_.push_back(
        {static_cast<std::uint32_t>(run - start), static_cast<std::uint32_t>(at - run)});
    start = at;
  }
  segments_.push_back({static_cast<std::uint32_t>(end_ - start), 0});
}

void Block::count_symbols() {
  // Several tables: equal neighbours would wait for each other's count.
  std::array<Counts<kLiterals>, 4> counts{};
  const auto* at = first_;
  for (const auto& segment : segments_) {
    std::size_t literal = 0;
    for (; literal + 4 <= segment.literals; literal += 4) {
      for (std::size_t table = 0; table < 4; ++table) ++counts[table][at[literal + table]];
    }
    for (; literal < segment.literals; ++literal) ++counts[0][at[literal]];
    at += segment.literals + segment.run;
    constexpr std::uint32_t kLongest{kLongestMatch};
    const auto rest = segment.run % kLongest;
    occurrences_[kLongestLength] += segment.run / kLongest;
    if (rest >= kShortestMatch) {
      ++occurrences_[length_symbol(rest).symbol];
    } else if (rest > 0) {
      counts[0][at[-1]] += rest;
    }
  }
  for (std::size_t literal = 0; literal < kLiterals; ++literal) {
    for (const auto& table : counts) occurrences_[literal] += table[literal];
  }
  occurrences_[kEndOfBlock] = 1;
}

/// The lengths of both codes, themselves coded (RFC 1951, 3.2.7). The code of distances has one
/// symbol, "the byte before".
void Block::write_code(BitWriter& out, const Code<kSymbols>& code) const {
  constexpr std::array<std::size_t, 19> kOrder{16, 17, 18, 0, 8,  7, 9,  6, 10, 5,
                                               11, 4,  12, 3, 13, 2, 14, 1, 15};
  constexpr unsigned kManyZeros = 18;  // 11 to 138
  constexpr unsigned kZeros = 17;      // 3 to 10
  std::array<std::uint8_t, kSymbols + 1> lengths{};
  std::copy(code.lengths.begin(), code.lengths.end(), lengths.begin());
  lengths.back() = 1;
  struct Item {
    unsigned symbol;
    unsigned extra_bits;
    std::size_t extra;
  };
  std::vector<Item> items;
  Counts<19> occurrences{};
  for (std::size_t at = 0; at < lengths.size();) {
    const auto other = std::find_if(lengths.begin() + static_cast<std::ptrdiff_t>(at),
                                    lengths.end(), [](std::uint8_t length) { return length > 0; });
    const auto zeros =
        std::min<std::size_t>(static_cast<std::size_t>(other - lengths.begin()) - at, 138);
    const Item item = zeros > 10  ? Item{kManyZeros, 7, zeros - 11}
                      : zeros > 2 ? Item{kZeros, 3, zeros - 3}
                                  : Item{lengths[at], 0, 0};
    items.push_back(item);
    ++occurrences[item.symbol];
    at += zeros > 2 ? zeros : 1;
  }
  const auto of_lengths = make_code(occurrences, kLongestLengthCode);
  out.put(kSymbols - 257, 5);
  out.put(1 - 1, 5);
  out.put(kOrder.size() - 4, 4);
  for (const auto symbol : kOrder) {
    out.put(of_lengths.lengths[symbol], 3);
    out.flush();
  }
  for (const auto& item : items) {
    put_symbol(out, of_lengths, item.symbol);
    out.put(item.extra, item.extra_bits);
    out.flush();
  }
}

void Block::write_run(BitWriter& out, const Code<kSymbols>& code, std::size_t run,
                      std::size_t byte) const {
  while (run >= kShortestMatch) {
    const auto length = std::min(run, kLongestMatch);
    const auto [symbol, extra_bits, extra] = length_symbol(length);
    put_symbol(out, code, symbol);
    out.put(extra, extra_bits);
    out.put(0, 1);  // the one distance
    out.flush();
    run -= length;
  }
  for (; run > 0; --run) put_symbol(out, code, byte);
  out.flush();
}

void Block::write(BitWriter& out, bool is_last) const {
  constexpr unsigned kDynamicCode = 2;
  const auto code = make_code(occurrences_, kLongestCode);
  out.put(is_last ? 1 : 0, 1);
  out.put(kDynamicCode, 2);
  write_code(out, code);
  const auto* at = first_;
  for (const auto& segment : segments_) {
    std::size_t literal = 0;
    for (; literal + 3 <= segment.literals; literal += 3) {
      for (std::size_t next = 0; next < 3; ++next) put_symbol(out, code, at[literal + next]);
      out.flush();
    }
    for (; literal < segment.literals; ++literal) put_symbol(out, code, at[literal]);
    out.flush();
    at += segment.literals + segment.run;
    if (segment.run > 0) write_run(out, code, segment.run, at[-1]);
  }
  put_symbol(out, code, kEndOfBlock);
  out.flush();
}

/// Adler-32 (RFC 1950, 8.2), high byte first.
std::array<std::uint8_t, 4> checksum(std::span<const std::uint8_t> bytes) noexcept {
  constexpr std::uint32_t kModulus = 65521;
  constexpr std::size_t kStep = 4096;  // so that the sums below stay within 32 bits
  std::uint64_t sum = 1;
  std::uint64_t sum_of_sums = 0;
  while (!bytes.empty()) {
    const auto step = bytes.first(std::min(kStep, bytes.size()));
    std::uint32_t plain = 0;
    std::uint32_t weighted = 0;
    auto weight = static_cast<std::uint32_t>(step.size());
    for (const std::uint32_t byte : step) {
      plain += byte;
      weighted += byte * weight--;
    }
    sum_of_sums = (sum_of_sums + sum * step.size() + weighted) % kModulus;
    sum = (sum + plain) % kModulus;
    bytes = bytes.subspan(step.size());
  }
  return {static_cast<std::uint8_t>(sum_of_sums >> 8), static_cast<std::uint8_t>(sum_of_sums),
          static_cast<std::uint8_t>(sum >> 8), static_cast<std::uint8_t>(sum)};
}

}  // namespace

std::vector<std::byte> deflate(std::span<const std::byte> bytes) {
  constexpr std::array<std::uint8_t, 2> kHead{0x78, 0x01};  // window of 32 KiB, fastest
  const auto* data = reinterpret_cast<const std::uint8_t*>(bytes.data());
  const auto blocks = bytes.size() / kBlockBytes + 1;
  const auto room = std::make_unique_for_overwrite<std::uint8_t[]>(blocks * kMostBlockBytes);
  auto* end = std::copy(kHead.begin(), kHead.end(), room.get());
  BitWriter out(end);
  std::size_t start = 0;
  do {
    const auto stop = std::min(start + kBlockBytes, bytes.size());
    Block(data, start, stop).write(out, stop == bytes.size());
    start = stop;
  } while (start < bytes.size());
  const auto sum = checksum({data, bytes.size()});
  end = std::copy(sum.begin(), sum.end(), out.end());
  const auto* packed = reinterpret_cast<const std::byte*>(room.get());
  return {packed, packed + (end - room.get())};
}

}  // namespace nnrec::io
