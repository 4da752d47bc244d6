#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "nnrec/io/sealed_write.hpp"

namespace nnrec::io {

struct PackedChunk;

/// The only door to HDF5. Element types: float, double, int64_t, uint64_t, uint32_t, uint8_t,
/// stored little-endian. Files carry no times and use the oldest format that fits (HDF5 1.8 tools
/// read them). HDF5 is not thread-safe here: every member takes one process-wide lock.

/// Of the library that this program runs with, as 1.10.8.
std::string hdf5_version();

/// Deflate's best case: 1,032 bytes out of one (zlib's technical notes). What a file says to hold
/// and its size allows no more than this is false.
inline constexpr std::uint64_t kMostExpansion = 1032;

/// Writes one new file. Nothing is promised until close() returned; see write_atomically.
/// All members throw IoError naming the file, the data set and the reason.
class H5Writer {
 public:
  /// Creates or truncates.
  explicit H5Writer(const std::filesystem::path& path);
  ~H5Writer();
  H5Writer(H5Writer&&) noexcept;

  /// Names may have groups ("ratings/user"), made as needed. Shape (values.size()) or (rows, cols)
  /// with rows = values.size() / cols. One contiguous data set.
  template <typename T>
  void write(const std::string& name, std::span<const T> values, std::uint64_t cols = 0);
  /// As write, but only makes room in the file for the values, which the caller writes there, or
  /// has them written (SealedWrite), before or after close(). Returns where.
  template <typename T>
  Extent make_room(const std::string& name, std::span<const T> values, std::uint64_t cols = 0);
  /// One column at once: as create_column and append_chunk make it, or plain where it is small.
  template <typename T>
  void write_column(const std::string& name, std::span<const T> values);
  /// Texts of any bytes as two columns: text i is bytes [offsets[i], offsets[i + 1]) of NAME_bytes,
  /// offsets those of NAME_offsets, one more than texts. So a long text costs its own length only.
  void write_texts(const std::string& name, std::span<const std::string> texts);

  /// A column that grows, in chunks that are packed each in its own form.
  template <typename T>
  void create_column(const std::string& name, std::uint64_t chunk_rows);
  /// Adds a chunk of `rows` rows, packed by pack_chunk. Only a column's last chunk may have fewer
  /// than its chunk_rows.
  void append_chunk(const std::string& name, std::uint64_t rows, const PackedChunk& packed);

  /// Attributes of the root group. HDF5 has room for 64 KiB in one: a longer text is a data set
  /// long_texts/NAME of its bytes, which readers take for the attribute.
  void attribute(const std::string& name, const std::string& value);
  void attribute(const std::string& name, std::int64_t value);
  void attribute(const std::string& name, double value);

  void close();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// Reads one file. All members throw InputError naming the file, the data set and the reason; a
/// wrong element type or rank is refused, nothing is converted. Several threads may read at once:
/// chunks of columns are unpacked outside the lock.
class H5Reader {
 public:
  explicit H5Reader(const std::filesystem::path& path);
  ~H5Reader();
  H5Reader(H5Reader&&) noexcept;

  bool has(const std::string& name) const;
  /// Shape: 1 or 2 entries.
  std::vector<std::uint64_t> shape(const std::string& name) const;
  /// Rows that are stored, and unpacked, together: all of them where the data set has no chunks.
  std::uint64_t chunk_rows(const std::string& name) const;
  template <typename T>
  std::vector<T> read(const std::string& name) const;
  /// Requires the data set to have exactly values.size() elements.
  template <typename T>
  void read_into(const std::string& name, std::span<T> values) const;
  /// Reads values.size() elements from `first` on. Requires the data set to have one dimension and
  /// exactly `of` elements, first + values.size() at most.
  template <typename T>
  void read_slice(const std::string& name, std::uint64_t first, std::uint64_t of,
                  std::span<T> values) const;
  std::vector<std::string> read_texts(const std::string& name) const;

  bool has_attribute(const std::string& name) const;
  std::string string_attribute(const std::string& name) const;
  std::int64_t integer_attribute(const std::string& name) const;
  double real_attribute(const std::string& name) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace nnrec::io
