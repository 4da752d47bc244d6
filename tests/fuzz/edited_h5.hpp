#pragma once

#include <cstring>
#include <span>
#include <string>
#include <vector>

#include "nnrec/io/h5_file.hpp"

#include "support.hpp"

namespace nnrec::fuzz {

/// The input as numbers, in order; zeros behind its end.
class Numbers {
 public:
  explicit Numbers(std::span<const std::uint8_t> bytes) : bytes_(bytes) {}

  template <typename T>
  T next() {
    T value{};
    const auto count = std::min(sizeof value, bytes_.size());
    if (count > 0) std::memcpy(&value, bytes_.data(), count);
    bytes_ = bytes_.subspan(count);
    return value;
  }

 private:
  std::span<const std::uint8_t> bytes_;
};

/// A whole HDF5 file whose items the input leaves out, gives another type, another length or other
/// values; of zeros, nothing is changed. The bytes of the file itself are not mutated: HDF5 1.10
/// reads outside its buffers when chunks behind a right seal are damaged, which would end every run
/// at once and is not ours to mend. seal_fuzz shows that damage does not get past the seal.
class EditedH5 {
 public:
  EditedH5(const std::filesystem::path& path, Numbers& numbers) : file_(path), numbers_(numbers) {}

  void attribute(const std::string& name, const std::string& value) {
    switch (edit()) {
      case Edit::omit:
        return;
      case Edit::retype:
        return file_.attribute(name, std::int64_t{1});
      case Edit::change:
      case Edit::resize:
        return file_.attribute(name, text());
      case Edit::keep:
        return file_.attribute(name, value);
    }
  }
  template <typename Number>  // int64_t or double
  void attribute(const std::string& name, Number value) {
    switch (edit()) {
      case Edit::omit:
        return;
      case Edit::retype:
        return file_.attribute(name, text());
      case Edit::change:
      case Edit::resize:
        return file_.attribute(name, numbers_.next<Number>());
      case Edit::keep:
        return file_.attribute(name, value);
    }
  }
  template <typename T>
  void column(const std::string& name, std::vector<T> values) {
    const auto chosen = edit();
    if (chosen == Edit::omit) return;
    if (chosen == Edit::retype) return retyped(name, values.size());
    if (chosen == Edit::resize) values.resize(numbers_.next<std::uint8_t>());
    if (chosen == Edit::change && !values.empty())
      values[numbers_.next<std::uint8_t>() % values.size()] = numbers_.next<T>();
    file_.write(name, std::span<const T>(values));
  }
  void strings(const std::string& name, std::vector<std::string> values) {
    const auto chosen = edit();
    if (chosen == Edit::omit) return;
    if (chosen == Edit::retype) return retyped(name, values.size());
    if (chosen == Edit::resize) values.resize(numbers_.next<std::uint8_t>());
    if (chosen == Edit::change && !values.empty())
      values[numbers_.next<std::uint8_t>() % values.size()] = text();
    file_.write_strings(name, values);
  }
  void close() { file_.close(); }

 private:
  enum class Edit : std::uint8_t { keep, omit, retype, resize, change };

  Edit edit() { return static_cast<Edit>(numbers_.next<std::uint8_t>() % 5); }
  std::string text() {
    std::string text(numbers_.next<std::uint8_t>() % 16, '\0');
    // Text cells end at a zero byte, so the writer takes none.
    for (auto& c : text)
      c = static_cast<char>(std::max<std::uint8_t>(numbers_.next<std::uint8_t>(), 1));
    return text;
  }
  void retyped(const std::string& name, std::size_t rows) {
    if (numbers_.next<std::uint8_t>() % 2 == 0)
      return file_.write(name, std::span<const double>(std::vector<double>(rows)));
    // Two columns where one is right, of the type that most columns have.
    file_.write(name, std::span<const std::uint32_t>(std::vector<std::uint32_t>(2 * rows)), 2);
  }

  io::H5Writer file_;
  Numbers& numbers_;
};

}  // namespace nnrec::fuzz
