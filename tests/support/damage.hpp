#pragma once

#include <filesystem>
#include <fstream>

#include "nnrec/base/random.hpp"
#include "nnrec/io/h5_chunk.hpp"
#include "nnrec/io/h5_file.hpp"

#include "expect_error.hpp"
#include "temporary_folder.hpp"

namespace nnrec::testing {

/// How many trials a file gets, and where their places come from.
struct DamageTrials {
  int flips = 1000;
  int cuts = 200;
  std::uint64_t seed = 4;
};

inline void write_byte(const std::filesystem::path& path, std::size_t offset, char value) {
  std::fstream file(path, std::ios::binary | std::ios::in | std::ios::out);
  file.seekp(static_cast<std::streamoff>(offset));
  file.put(value);
  if (!file.flush()) throw std::runtime_error("cannot write " + path.string());
}

/// Flips a byte amid the packed users of a shard of one chunk: what HDF5 keeps of the file is
/// whole.
inline void flip_packed_byte(const std::filesystem::path& shard) {
  const auto users = io::H5Reader(shard).read<std::uint32_t>("user");
  const auto packed = io::pack_chunk(std::span(users), users.size()).bytes;
  const std::string stored(reinterpret_cast<const char*>(packed.data()), packed.size());
  const auto at = read_file(shard).find(stored);
  ASSERT_NE(at, std::string::npos);
  flip_byte(shard, at + stored.size() / 2);
}

/// Changes single bytes of a sealed file, then cuts it short, at random places and lengths that are
/// the same each time. Expects that `read`, which reads the whole file, refuses every trial as bad
/// input and names the file. The file is whole at the end.
template <typename Read>
void expect_damage_refused(const std::filesystem::path& path, const Read& read,
                           const DamageTrials& trials = {}) {
  const auto whole = read_file(path);
  const auto name = ::testing::HasSubstr(path.filename().string());
  const CounterRandom random(trials.seed, Purpose::synthetic, whole.size());
  ASSERT_NO_THROW(read());
  for (int trial = 0; trial < trials.flips; ++trial) {
    const auto words = random.words(static_cast<std::uint64_t>(trial));
    const auto offset = words[0] % whole.size();
    const auto change = static_cast<unsigned char>(1 + words[1] % 255);
    SCOPED_TRACE(fmt::format("byte {} of {} changed by {}", offset, whole.size(), change));
    write_byte(path, offset, static_cast<char>(whole[offset] ^ static_cast<char>(change)));
    expect_error(ErrorKind::input, name, read);
    write_byte(path, offset, whole[offset]);
  }
  for (int trial = 0; trial < trials.cuts; ++trial) {
    const auto words = random.words(static_cast<std::uint64_t>(trials.flips + trial));
    const auto length = words[0] % whole.size();
    SCOPED_TRACE(fmt::format("cut to {} of {} bytes", length, whole.size()));
    std::filesystem::resize_file(path, length);
    expect_error(ErrorKind::input, name, read);
    write_file(path, whole);
  }
  ASSERT_NO_THROW(read());
}

}  // namespace nnrec::testing
