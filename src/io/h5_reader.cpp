#include <algorithm>
#include <array>
#include <cstring>
#include <map>
#include <memory>
#include <optional>

#include "nnrec/io/h5_chunk.hpp"
#include "nnrec/io/h5_file.hpp"

#include "h5_handle.hpp"

namespace nnrec::io {
namespace {

/// Larger ones, which nnrec does not write, are left to HDF5.
constexpr std::uint64_t kMostChunkBytes = 1 << 24;

template <typename Result>
Result check(Result result, const std::string& place, const char* action) {
  return h5_check<InputError>(result, place, action);
}
H5Handle own(hid_t id, H5Handle::Closer closer, const std::string& place, const char* action) {
  return h5_own<InputError>(id, closer, place, action);
}

/// The text of a cell of fixed length, without what fills it up.
std::string unpack(std::string cell, H5T_str_t padding) {
  if (padding == H5T_STR_SPACEPAD) {
    cell.erase(cell.find_last_not_of(' ') + 1);
  } else {
    cell.resize(::strnlen(cell.data(), cell.size()));
  }
  return cell;
}

/// A text of variable length, which h5py writes unless asked not to.
std::string read_variable_text(const H5Handle& attribute, const H5Handle& type,
                               const std::string& place) {
  char* stored = nullptr;
  check(H5Aread(attribute.id(), type.id(), &stored), place, "read");
  const std::unique_ptr<char, decltype(&H5free_memory)> owner(stored, &H5free_memory);
  return stored == nullptr ? std::string() : std::string(stored);
}

/// How the chunks of a column are packed, if as H5Writer packs columns.
struct Packing {
  std::uint64_t chunk_rows = 0;  ///< 0: stored otherwise
  bool can_be_scaled = false;

  /// Of a chunk that filters were left out of; nothing where H5Writer leaves out others.
  std::optional<ChunkForm> form(std::uint32_t left_out) const {
    if (can_be_scaled && left_out == kOnlyScaled) return ChunkForm::scaled;
    if (left_out == (can_be_scaled ? kOnlyDeflated : 0)) return ChunkForm::deflated;
    return std::nullopt;
  }
};

/// Whether it is the filter as H5Writer sets it. Its parameters: H5Zscaleoffset.c of HDF5.
bool is_our_scale_offset(const H5Handle& layout, std::uint64_t chunk_rows) {
  std::array<unsigned, 20> values{};
  auto count = values.size();
  unsigned flags = 0;
  constexpr std::size_t kScaleType = 0, kBits = 1, kRows = 2, kHasFillValue = 7;
  return H5Pget_filter2(layout.id(), 0, &flags, &count, values.data(), 0, nullptr, nullptr) ==
             H5Z_FILTER_SCALEOFFSET &&
         count == values.size() && values[kScaleType] == H5Z_SO_INT &&
         values[kBits] == H5Z_SO_INT_MINBITS_DEFAULT && values[kRows] == chunk_rows &&
         values[kHasFillValue] == 0;
}

Packing packing_of(const H5Handle& data_set, const std::string& place) {
  const auto layout = own(H5Dget_create_plist(data_set.id()), H5Pclose, place, "get the layout");
  hsize_t rows = 0;
  if (H5Pget_layout(layout.id()) != H5D_CHUNKED || H5Pget_chunk(layout.id(), 1, &rows) != 1) {
    return {};
  }
  const auto filter = [&](int index) {
    unsigned flags = 0;
    std::size_t values = 0;
    return H5Pget_filter2(layout.id(), static_cast<unsigned>(index), &flags, &values, nullptr, 0,
                          nullptr, nullptr);
  };
  const int filters = H5Pget_nfilters(layout.id());
  if ((filters != 2 && filters != 3) || filter(filters - 2) != H5Z_FILTER_SHUFFLE ||
      filter(filters - 1) != H5Z_FILTER_DEFLATE ||
      (filters == 3 && !is_our_scale_offset(layout, rows))) {
    return {};
  }
  return {rows, filters == 3};
}

template <typename T>
void require_type(const H5Handle& type, const std::string& place) {
  if (H5Tequal(type.id(), H5Type<T>::file()) <= 0) {
    throw InputError("{}: has another element type than this version of nnrec reads", place);
  }
}

}  // namespace

struct H5Reader::Impl {
  /// A data set of one dimension that slices are read from, kept open.
  struct Column {
    H5Handle data_set;
    H5Handle type;
    std::uint64_t rows = 0;
    Packing packing;
  };
  std::string path;
  H5Handle file;
  std::uint64_t bytes = 0;       ///< of the file
  std::uint64_t most_bytes = 0;  ///< that a data set can have when the file is what it says
  std::map<std::string, Column> columns;

  std::string place(const std::string& name) const { return path + ": " + name; }

  /// HDF5 wants every group on the way to exist before it is asked for the last name.
  bool has(const std::string& name) const {
    for (std::size_t end = name.find('/');; end = name.find('/', end + 1)) {
      const auto prefix = name.substr(0, end);
      if (check(H5Lexists(file.id(), prefix.c_str(), H5P_DEFAULT), place(name), "look up") == 0) {
        return false;
      }
      if (end == std::string::npos) return true;
    }
  }

  H5Handle data_set(const std::string& name) const {
    if (!has(name)) throw InputError("{}: is missing", place(name));
    return own(H5Dopen2(file.id(), name.c_str(), H5P_DEFAULT), H5Dclose, place(name), "open");
  }

  std::vector<std::uint64_t> shape(const H5Handle& data_set, const std::string& where) const {
    const auto space = own(H5Dget_space(data_set.id()), H5Sclose, where, "get the data space");
    const int rank = check(H5Sget_simple_extent_ndims(space.id()), where, "get the rank");
    if (rank != 1 && rank != 2) throw InputError("{}: has rank {}, not 1 or 2", where, rank);
    std::vector<hsize_t> extents(static_cast<std::size_t>(rank));
    check(H5Sget_simple_extent_dims(space.id(), extents.data(), nullptr), where, "get the shape");
    return {extents.begin(), extents.end()};
  }

  /// The number of elements. What the file cannot hold is refused before memory is asked for it.
  std::uint64_t elements(std::span<const std::uint64_t> shape, std::uint64_t element_bytes,
                         const std::string& where) const {
    std::uint64_t count = 1;
    for (const auto extent : shape) {
      if (extent > 0 && count > most_bytes / element_bytes / extent)
        throw InputError("{}: says {} elements, more than the file can hold", where,
                         fmt::join(shape, " x "));
      count *= extent;
    }
    return count;
  }

  template <typename T>
  void read(const H5Handle& data_set, const std::string& where, std::span<T> values) const {
    const auto type = own(H5Dget_type(data_set.id()), H5Tclose, where, "get the type");
    require_type<T>(type, where);
    if (values.empty()) return;
    check(H5Dread(data_set.id(), H5Type<T>::memory(), H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data()),
          where, "read");
  }

  /// Elements [start, start + count) of a data set of one dimension.
  void read_elements(const H5Handle& data_set, hid_t memory_type, const std::string& where,
                     hsize_t start, hsize_t count, void* values) const {
    if (count == 0) return;
    const auto memory =
        own(H5Screate_simple(1, &count, nullptr), H5Sclose, where, "make a data space");
    const auto selected = own(H5Dget_space(data_set.id()), H5Sclose, where, "get the data space");
    check(H5Sselect_hyperslab(selected.id(), H5S_SELECT_SET, &start, nullptr, &count, nullptr),
          where, "select rows");
    check(H5Dread(data_set.id(), memory_type, memory.id(), selected.id(), H5P_DEFAULT, values),
          where, "read");
  }

  template <typename T>
  const Column& column(const std::string& name) {
    const H5Lock lock;
    auto found = columns.find(name);
    if (found == columns.end()) found = columns.emplace(name, open_column(name)).first;
    require_type<T>(found->second.type, place(name));
    return found->second;
  }

  Column open_column(const std::string& name) const {
    const auto where = place(name);
    Column column;
    column.data_set = data_set(name);
    column.type = own(H5Dget_type(column.data_set.id()), H5Tclose, where, "get the type");
    const auto extents = shape(column.data_set, where);
    if (extents.size() != 1) throw InputError("{}: has rank {}, not 1", where, extents.size());
    column.rows = extents[0];
    column.packing = packing_of(column.data_set, where);
    if (column.packing.chunk_rows > kMostChunkBytes / H5Tget_size(column.type.id())) {
      column.packing = {};
    }
    return column;
  }

  /// The chunk that begins at row `start`, as it is stored; nothing where only HDF5 knows what its
  /// rows are (it was never written, or went through other filters).
  std::optional<PackedChunk> packed_chunk(const Column& column, hsize_t start,
                                          const std::string& where) const {
    hsize_t size = 0;
    check(H5Dget_chunk_storage_size(column.data_set.id(), &start, &size), where, "find a chunk");
    if (size > bytes) throw InputError("{}: a chunk of {} bytes, more than the file", where, size);
    if (size == 0) return std::nullopt;
    PackedChunk packed;
    packed.bytes.resize(size);
    std::uint32_t left_out = 0;
    check(H5Dread_chunk(column.data_set.id(), H5P_DEFAULT, &start, &left_out, packed.bytes.data()),
          where, "read a chunk");
    const auto form = column.packing.form(left_out);
    if (!form) return std::nullopt;
    packed.form = *form;
    return packed;
  }

  /// Reads elements from `first` on, those of one chunk at most. Returns how many.
  template <typename T>
  std::size_t read_some(const Column& column, const std::string& where, std::uint64_t first,
                        std::span<T> values) const {
    const auto chunk_rows = column.packing.chunk_rows;
    const auto within = chunk_rows > 0 ? first % chunk_rows : 0;
    if (chunk_rows > 0) {
      values = values.first(std::min<std::uint64_t>(chunk_rows - within, values.size()));
    }
    std::optional<PackedChunk> packed;
    {
      const H5Lock lock;
      if (chunk_rows > 0) packed = packed_chunk(column, first - within, where);
      if (!packed) {
        read_elements(column.data_set, H5Type<T>::memory(), where, first, values.size(),
                      values.data());
      }
    }
    if (packed && !unpack_chunk(*packed, chunk_rows, within, values)) {
      throw InputError("{}: element {} cannot be unpacked: it is damaged. Copy or make it again.",
                       where, first);
    }
    return values.size();
  }

  bool has_attribute(const std::string& name) const {
    return check(H5Aexists(file.id(), name.c_str()), place("attribute " + name), "look up") > 0;
  }

  H5Handle attribute(const std::string& name) const {
    const auto where = place("attribute " + name);
    if (!has_attribute(name)) {
      throw InputError("{}: is missing", where);
    }
    auto handle = own(H5Aopen(file.id(), name.c_str(), H5P_DEFAULT), H5Aclose, where, "open");
    const auto space = own(H5Aget_space(handle.id()), H5Sclose, where, "get the data space");
    if (H5Sget_simple_extent_type(space.id()) != H5S_SCALAR) {
      throw InputError("{}: is not a single value", where);
    }
    return handle;
  }

  template <typename T>
  T number(const std::string& name) const {
    const auto where = place("attribute " + name);
    const auto handle = attribute(name);
    const auto type = own(H5Aget_type(handle.id()), H5Tclose, where, "get the type");
    require_type<T>(type, where);
    T value{};
    check(H5Aread(handle.id(), H5Type<T>::memory(), &value), where, "read");
    return value;
  }
};

H5Reader::H5Reader(const std::filesystem::path& path) {
  const H5Lock lock;
  auto impl = std::make_unique<Impl>();  // On failure it goes before the lock does.
  impl->path = path.string();
  std::error_code status;
  const auto size = std::filesystem::file_size(path, status);
  impl->bytes = status ? 0 : size;
  impl->most_bytes = impl->bytes * kMostExpansion;
  const auto access = h5_access<InputError>(impl->path);
  impl->file =
      own(H5Fopen(path.c_str(), H5F_ACC_RDONLY, access.id()), H5Fclose, impl->path, "open as HDF5");
  impl_ = std::move(impl);
}

H5Reader::~H5Reader() {
  const H5Lock lock;  // Handles close under the lock.
  impl_.reset();
}

H5Reader::H5Reader(H5Reader&&) noexcept = default;

bool H5Reader::has(const std::string& name) const {
  const H5Lock lock;
  return impl_->has(name);
}

std::vector<std::uint64_t> H5Reader::shape(const std::string& name) const {
  const H5Lock lock;
  return impl_->shape(impl_->data_set(name), impl_->place(name));
}

template <typename T>
std::vector<T> H5Reader::read(const std::string& name) const {
  const auto extents = shape(name);
  std::vector<T> values(impl_->elements(extents, sizeof(T), impl_->place(name)));
  if (extents.size() == 1) {
    read_slice(name, 0, values.size(), std::span<T>(values));
  } else {
    read_into(name, std::span<T>(values));
  }
  return values;
}

template <typename T>
void H5Reader::read_into(const std::string& name, std::span<T> values) const {
  const H5Lock lock;
  const auto where = impl_->place(name);
  const auto data_set = impl_->data_set(name);
  const auto count = impl_->elements(impl_->shape(data_set, where), sizeof(T), where);
  if (count != values.size()) {
    throw InputError("{}: has {} elements where {} are expected", where, count, values.size());
  }
  impl_->read(data_set, where, values);
}

template <typename T>
void H5Reader::read_slice(const std::string& name, std::uint64_t first, std::uint64_t of,
                          std::span<T> values) const {
  const auto where = impl_->place(name);
  const auto& column = impl_->column<T>(name);
  if (column.rows != of) {
    throw InputError("{}: has {} elements where {} are expected", where, column.rows, of);
  }
  if (first > of || values.size() > of - first) {
    throw InternalError("{}: no elements {} to {}", where, first, first + values.size());
  }
  while (!values.empty()) {
    const auto count = impl_->read_some(column, where, first, values);
    first += count;
    values = values.subspan(count);
  }
}

std::uint64_t H5Reader::chunk_rows(const std::string& name) const {
  const H5Lock lock;
  const auto where = impl_->place(name);
  const auto data_set = impl_->data_set(name);
  const auto layout = own(H5Dget_create_plist(data_set.id()), H5Pclose, where, "get the layout");
  if (H5Pget_layout(layout.id()) != H5D_CHUNKED) return impl_->shape(data_set, where)[0];
  std::array<hsize_t, 2> extents{};
  check(H5Pget_chunk(layout.id(), static_cast<int>(extents.size()), extents.data()), where,
        "get the chunks");
  return extents[0];
}

std::vector<std::string> H5Reader::read_texts(const std::string& name) const {
  const auto offsets = read<std::uint64_t>(name + "_offsets");
  const auto bytes = read<std::uint8_t>(name + "_bytes");
  if (offsets.empty() || offsets.front() != 0 || offsets.back() != bytes.size() ||
      !std::is_sorted(offsets.begin(), offsets.end())) {
    throw InputError("{}: do not rise from 0 to the {} bytes of the texts",
                     impl_->place(name + "_offsets"), bytes.size());
  }
  std::vector<std::string> texts;
  texts.reserve(offsets.size() - 1);
  for (std::size_t text = 0; text + 1 < offsets.size(); ++text) {
    texts.emplace_back(reinterpret_cast<const char*>(bytes.data()) + offsets[text],
                       offsets[text + 1] - offsets[text]);
  }
  return texts;
}

bool H5Reader::has_attribute(const std::string& name) const {
  const H5Lock lock;
  return impl_->has_attribute(name) || impl_->has(long_text_name(name));
}

std::string H5Reader::string_attribute(const std::string& name) const {
  const auto is_long = [&] {
    const H5Lock lock;
    return !impl_->has_attribute(name) && impl_->has(long_text_name(name));
  };
  if (is_long()) {
    const auto bytes = read<std::uint8_t>(long_text_name(name));
    if (std::ranges::find(bytes, 0) != bytes.end())
      throw InputError("{}: contains a zero byte", impl_->place("attribute " + name));
    return {bytes.begin(), bytes.end()};
  }
  const H5Lock lock;
  const auto where = impl_->place("attribute " + name);
  const auto handle = impl_->attribute(name);
  const auto type = own(H5Aget_type(handle.id()), H5Tclose, where, "get the type");
  if (H5Tget_class(type.id()) != H5T_STRING) throw InputError("{}: is not text", where);
  if (H5Tis_variable_str(type.id()) > 0) return read_variable_text(handle, type, where);
  const std::uint64_t one = 1;
  const auto length = H5Tget_size(type.id());
  std::string cell(impl_->elements({&one, 1}, length, where) * length, '\0');
  check(H5Aread(handle.id(), type.id(), cell.data()), where, "read");
  return unpack(std::move(cell), H5Tget_strpad(type.id()));
}

std::int64_t H5Reader::integer_attribute(const std::string& name) const {
  const H5Lock lock;
  return impl_->number<std::int64_t>(name);
}

double H5Reader::real_attribute(const std::string& name) const {
  const H5Lock lock;
  return impl_->number<double>(name);
}

#define NNREC_INSTANTIATE(T)                                                              \
  template std::vector<T> H5Reader::read<T>(const std::string&) const;                    \
  template void H5Reader::read_into<T>(const std::string&, std::span<T>) const;           \
  template void H5Reader::read_slice<T>(const std::string&, std::uint64_t, std::uint64_t, \
                                        std::span<T>) const;
NNREC_FOR_H5_TYPES(NNREC_INSTANTIATE)
#undef NNREC_INSTANTIATE

}  // namespace nnrec::io
