#pragma once

#include <bit>
#include <cstring>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "nnrec/base/sha256.hpp"
#include "nnrec/io/h5_file.hpp"

#include "support.hpp"

namespace nnrec::fuzz {

/// The input as numbers, in order; zeros behind its end.
class Numbers {
 public:
  explicit Numbers(std::span<const std::uint8_t> bytes) : bytes_(bytes) {}

  bool empty() const noexcept { return bytes_.empty(); }
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

/// A file without its seal, and where the bytes of its numbers lie.
struct Image {
  std::string content;
  std::vector<std::size_t> numbers;
};

constexpr std::size_t kSealBytes = 85;

/// Makes the image of what `write` writes sealed to a path, once as it is and once with every bit
/// of its numbers the other way round: bytes that differ between the two are those of numbers.
inline Image make_image(const std::function<void(const std::filesystem::path&, bool flip)>& write) {
  const auto content_of = [&](bool flip) {
    const auto path = folder() / "image.h5";
    write(path, flip);
    auto bytes = testing::read_file(path);
    bytes.resize(bytes.size() - kSealBytes);
    return bytes;
  };
  Image image{content_of(false), {}};
  const auto flipped = content_of(true);
  require(flipped.size() == image.content.size(), "numbers do not decide a file's size");
  for (std::size_t at = 0; at < flipped.size(); ++at)
    if (flipped[at] != image.content[at]) image.numbers.push_back(at);
  return image;
}

/// The image with the numbers that the rest of the input sets (place, count, bytes), sealed anew.
inline std::string edit(const Image& image, Numbers& input) {
  auto bytes = image.content;
  while (!input.empty() && !image.numbers.empty()) {
    const auto place = input.next<std::uint16_t>() % image.numbers.size();
    const auto count = 1 + input.next<std::uint8_t>() % 8;
    for (auto at = place; at < std::min<std::size_t>(place + count, image.numbers.size()); ++at)
      bytes[image.numbers[at]] = input.next<char>();
  }
  Sha256 hash;
  hash.update(bytes);
  return bytes += "nnrec-seal-1 sha256 " + hash.hex_digest() + "\n";
}

/// Writes a whole HDF5 file in which at most one item is left out or has another type, length or
/// text. The bytes of HDF5's own structures are not mutated: HDF5 1.10 reads outside its buffers
/// when these are damaged behind a right seal, which is not ours to mend; seal_fuzz shows that
/// damage does not get past the seal.
class EditedH5 {
 public:
  /// Few, as every variant is kept in memory.
  static constexpr std::uint8_t kAmounts = 32;
  enum class Kind : std::uint8_t { omit, retype, resize, reword };
  struct Fault {
    std::size_t item = 0;  ///< from 1; 0: the file is right
    Kind kind = Kind::omit;
    std::uint8_t amount = 0;
    auto operator<=>(const Fault&) const = default;
  };

  EditedH5(const std::filesystem::path& path, const Fault& fault, bool flip)
      : file_(path), fault_(fault), flip_(flip) {}

  void attribute(const std::string& name, const std::string& value) {
    if (!is_faulty()) return file_.attribute(name, value);
    if (fault_.kind == Kind::omit) return;
    if (fault_.kind == Kind::retype) return file_.attribute(name, std::int64_t{1});
    file_.attribute(name, text());
  }
  void attribute(const std::string& name, std::int64_t value) {
    if (!is_faulty()) return file_.attribute(name, flip_ ? ~value : value);
    if (fault_.kind == Kind::retype) file_.attribute(name, 1.0);
    if (fault_.kind == Kind::reword) file_.attribute(name, text());
  }
  void attribute(const std::string& name, double value) {
    if (!is_faulty()) return file_.attribute(name, flip_ ? flipped(value) : value);
    if (fault_.kind == Kind::retype) file_.attribute(name, std::int64_t{1});
    if (fault_.kind == Kind::reword) file_.attribute(name, text());
  }
  template <typename T>
  void column(const std::string& name, std::vector<T> values, std::uint64_t cols = 0) {
    if (is_faulty()) {
      if (fault_.kind == Kind::omit) return;
      if (fault_.kind == Kind::retype) return retyped(name, values.size());
      values.resize(fault_.amount * std::max<std::size_t>(cols, 1));
    }
    if (flip_)
      for (auto& value : values) value = flipped(value);
    file_.write(name, std::span<const T>(values), cols);
  }
  /// As H5Writer::write_texts does it: a fault may be in the texts or in one of their two columns.
  void texts(const std::string& name, std::vector<std::string> values) {
    if (is_faulty() && fault_.kind == Kind::resize) values.resize(fault_.amount);
    if (is_fault_of_last() && fault_.kind == Kind::reword)
      values[fault_.amount / 8 % values.size()] = text();
    std::vector<std::uint64_t> offsets{0};
    std::vector<std::uint8_t> bytes;
    for (const auto& value : values) {
      bytes.insert(bytes.end(), value.begin(), value.end());
      offsets.push_back(bytes.size());
    }
    column(name + "_offsets", offsets);
    column(name + "_bytes", bytes);
  }
  void close() { file_.close(); }
  std::size_t items() const noexcept { return items_; }

 private:
  bool is_faulty() { return ++items_ == fault_.item; }
  bool is_fault_of_last() const { return items_ == fault_.item; }
  template <typename T>
  static T flipped(T value) {
    std::array<std::uint8_t, sizeof(T)> bytes;
    std::memcpy(bytes.data(), &value, sizeof value);
    for (auto& byte : bytes) byte = static_cast<std::uint8_t>(~byte);
    std::memcpy(&value, bytes.data(), sizeof value);
    return value;
  }
  std::string text() const {
    static const std::string texts[] = {
        "",           "1",        "../x",           "train",
        "validation", "\xFF\xFE", "shard-00000.h5", std::string(300, 'a')};
    return texts[fault_.amount % std::size(texts)];
  }
  void retyped(const std::string& name, std::size_t rows) {
    if (fault_.amount % 2 == 0)
      return file_.write(name, std::span<const double>(std::vector<double>(rows)));
    // Two columns where one is right, of the type that most columns have.
    file_.write(name, std::span<const std::uint32_t>(std::vector<std::uint32_t>(2 * rows)), 2);
  }

  io::H5Writer file_;
  Fault fault_;
  bool flip_;
  std::size_t items_ = 0;
};

/// All files that differ from a whole one by one fault. Each is written by HDF5 once and kept in
/// memory, so that an input costs no more than reading.
class H5Variants {
 public:
  using Write = std::function<void(EditedH5&)>;
  explicit H5Variants(Write write) : write_(std::move(write)) { image({}); }

  /// The file that an input means: no input, the whole one.
  std::string sealed(Numbers& input) {
    EditedH5::Fault fault;
    fault.item = input.next<std::uint8_t>() % (items_ + 1);
    fault.kind = static_cast<EditedH5::Kind>(input.next<std::uint8_t>() % 4);
    fault.amount = input.next<std::uint8_t>() % EditedH5::kAmounts;
    if (fault.item == 0) fault = {};
    return edit(image(fault), input);
  }

 private:
  const Image& image(const EditedH5::Fault& fault) {
    const auto found = images_.find(fault);
    if (found != images_.end()) return found->second;
    return images_[fault] = make_image([&](const std::filesystem::path& path, bool flip) {
             EditedH5 file(path, fault, flip);
             write_(file);
             file.close();
             items_ = file.items();
             io::append_seal(path);
           });
  }

  Write write_;
  std::size_t items_ = 0;
  std::map<EditedH5::Fault, Image> images_;
};

}  // namespace nnrec::fuzz
