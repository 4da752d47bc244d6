#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace nnrec::io {

/// A data set of numbers or texts, or one member of a data set of records.
struct H5Table {
  std::string name;                  ///< with its groups, "ratings/user", a member behind its set
  std::vector<std::uint64_t> shape;  ///< of 1 or 2 dimensions
};

/// A part of a table. Of a table of one dimension columns are not looked at.
struct H5Block {
  std::uint64_t first_row = 0;
  std::uint64_t rows = 0;
  std::uint64_t first_column = 0;
  std::uint64_t columns = 1;
};

/// Other people's HDF5 files: whatever width, order of bytes, chunks and filters values have, they
/// are read as texts. Our own files are H5Reader's. All members throw InputError naming the file,
/// the data set and the reason.
class H5Tables {
 public:
  explicit H5Tables(const std::filesystem::path& path);
  ~H5Tables();
  H5Tables(H5Tables&&) noexcept;

  /// By name; without data sets of other kinds or of more dimensions.
  const std::vector<H5Table>& all() const noexcept;
  /// Written by MATLAB, which stores an array of rows x columns as columns x rows.
  bool is_matlab() const noexcept;
  /// An attribute of a group or data set ("/": the root), if it has such a number or text.
  std::optional<std::uint64_t> number(const std::string& object, const std::string& name) const;
  std::optional<std::string> text(const std::string& object, const std::string& name) const;

  /// The values of a block, row by row: the shortest numbers that are read as the same value; what
  /// is no number (NaN) is empty.
  std::vector<std::string> read(const H5Table& table, const H5Block& block) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace nnrec::io
