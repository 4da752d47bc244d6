#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace nnrec::io {

/// Writes NumPy's .npz: a zip whose members are arrays in the format .npy 1.0, as numpy.load reads
/// them. Nothing is packed and no times are kept: the same arrays give the same bytes. Nothing is
/// promised until close() returned; see write_atomically. All members throw IoError.
/// Source: numpy.lib.format.
class NpzFile {
 public:
  explicit NpzFile(const std::filesystem::path& path);
  ~NpzFile();
  NpzFile(NpzFile&&) noexcept;

  /// Shape (values.size()), or (rows, cols) with rows = values.size() / cols.
  void add(const std::string& name, std::span<const float> values, std::uint64_t cols = 0);
  void add(const std::string& name, std::span<const std::int64_t> values, std::uint64_t cols = 0);
  void add(const std::string& name, std::span<const std::uint32_t> values);
  void add(const std::string& name, std::span<const std::uint64_t> values);
  /// As NumPy's Unicode strings. Bytes that are no UTF-8 become U+FFFD.
  void add(const std::string& name, std::span<const std::string> texts);

  void close();

 private:
  struct Impl;
  void member(const std::string& name, const std::string& head, std::string_view bytes);
  std::unique_ptr<Impl> impl_;
};

}  // namespace nnrec::io
