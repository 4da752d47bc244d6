#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace nnrec::testing {

/// An HDF5 file as other programs write them: values of many types, chunks, records, vectors of
/// either direction. Failures show in what is read back.
class ForeignH5 {
 public:
  enum class Kind { plain, matlab };  ///< MATLAB's has 512 bytes of its own in front
  enum class Type { f32, f64, i8, i16, i32_big_endian, u32, i64, u64 };
  using Shape = std::vector<std::uint64_t>;

  explicit ForeignH5(const std::filesystem::path& path, Kind kind = Kind::plain);
  ~ForeignH5();
  ForeignH5(const ForeignH5&) = delete;
  ForeignH5& operator=(const ForeignH5&) = delete;

  /// Values of a data set; without a shape it has one dimension. `chunk` rows are packed together,
  /// 0: not at all.
  void add(const std::string& name, const std::vector<double>& values, Shape shape = {},
           Type type = Type::f64, std::uint64_t chunk = 0);
  /// Texts of variable length.
  void add_texts(const std::string& name, const std::vector<const char*>& texts);
  /// Texts in cells of `width` bytes, one behind the other.
  void add_cells(const std::string& name, const std::string& cells, std::size_t width);
  void attribute(const std::string& object, const char* name, std::uint64_t value);

  /// One data set of records, as tables of pandas and PyTables are.
  struct Record {
    std::int32_t user_id;
    std::int64_t item_id;
    float rating;
  };
  void add_records(const std::string& name, const std::vector<Record>& records);

 private:
  std::filesystem::path path_;
  Kind kind_;
  std::int64_t file_;
};

}  // namespace nnrec::testing
