#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <map>

#include "nnrec/io/h5_chunk.hpp"
#include "nnrec/io/h5_file.hpp"

#include "h5_handle.hpp"

namespace nnrec::io {
namespace {

constexpr std::size_t kColumnChunkBytes = 1 << 18;
/// A smaller column would gain less than what HDF5 stores of its chunks.
constexpr std::size_t kLeastPackedBytes = 1 << 12;
/// For tools that pack a column anew; appended chunks are packed already.
constexpr unsigned kColumnDeflateLevel = 1;

template <typename Result>
Result check(Result result, const std::string& place, const char* action) {
  return h5_check<IoError>(result, place, action);
}
H5Handle own(hid_t id, H5Handle::Closer closer, const std::string& place, const char* action) {
  return h5_own<IoError>(id, closer, place, action);
}

H5Handle make_properties(hid_t kind, const std::string& place) {
  auto properties = own(H5Pcreate(kind), H5Pclose, place, "set up creation");
  // Times would make two equal runs differ.
  check(H5Pset_obj_track_times(properties.id(), false), place, "switch off object times");
  return properties;
}

H5Handle make_space(std::span<const hsize_t> shape, const std::string& place) {
  return own(H5Screate_simple(static_cast<int>(shape.size()), shape.data(), nullptr), H5Sclose,
             place, "make a data space");
}

}  // namespace

struct H5Writer::Impl {
  struct Column {
    H5Handle data_set;
    bool can_be_scaled = false;
    hsize_t chunk_rows = 0;
    hsize_t rows = 0;
  };
  std::string path;
  H5Handle file;
  H5Handle links;
  std::map<std::string, Column> columns;

  std::string place(const std::string& name) const { return path + ": " + name; }

  H5Handle create(const std::string& name, hid_t type, const H5Handle& space,
                  const H5Handle& properties) {
    if (!file.is_open()) throw InternalError("{}: written after close", place(name));
    return own(H5Dcreate2(file.id(), name.c_str(), type, space.id(), links.id(), properties.id(),
                          H5P_DEFAULT),
               H5Dclose, place(name), "create the data set");
  }

  H5Handle create_plain(const std::string& name, hid_t type, std::size_t values, std::uint64_t cols,
                        const H5Handle& properties);

  void attribute(const std::string& name, hid_t type, hid_t memory_type, const void* value) {
    const auto where = place("attribute " + name);
    if (!file.is_open()) throw InternalError("{}: written after close", where);
    const auto space = own(H5Screate(H5S_SCALAR), H5Sclose, where, "make a data space");
    const auto handle =
        own(H5Acreate2(file.id(), name.c_str(), type, space.id(), H5P_DEFAULT, H5P_DEFAULT),
            H5Aclose, where, "create the attribute");
    check(H5Awrite(handle.id(), memory_type, value), where, "write");
  }
};

H5Writer::H5Writer(const std::filesystem::path& path) {
  const H5Lock lock;
  auto impl = std::make_unique<Impl>();  // On failure it goes before the lock does.
  impl->path = path.string();
  const auto access = h5_access<IoError>(impl->path);
  const auto creation = make_properties(H5P_FILE_CREATE, impl->path);
  impl->links = own(H5Pcreate(H5P_LINK_CREATE), H5Pclose, impl->path, "set up links");
  check(H5Pset_create_intermediate_group(impl->links.id(), 1), impl->path, "set up groups");
  impl->file = own(H5Fcreate(path.c_str(), H5F_ACC_TRUNC, creation.id(), access.id()), H5Fclose,
                   impl->path, "create the file");
  impl_ = std::move(impl);
}

H5Writer::~H5Writer() {
  const H5Lock lock;  // Handles close under the lock.
  impl_.reset();
}

H5Writer::H5Writer(H5Writer&&) noexcept = default;

/// A contiguous data set of so many values, in rows of `cols` or, with 0, of one dimension.
H5Handle H5Writer::Impl::create_plain(const std::string& name, hid_t type, std::size_t values,
                                      std::uint64_t cols, const H5Handle& properties) {
  if (cols != 0 && values % cols != 0) {
    throw InternalError("{}: {} values do not fill rows of {}", place(name), values, cols);
  }
  const std::array<hsize_t, 2> shape{cols == 0 ? values : values / cols, cols};
  const auto space = make_space(std::span(shape).first(cols == 0 ? 1 : 2), place(name));
  return create(name, type, space, properties);
}

template <typename T>
void H5Writer::write(const std::string& name, std::span<const T> values, std::uint64_t cols) {
  const H5Lock lock;
  const auto where = impl_->place(name);
  const auto data_set = impl_->create_plain(name, H5Type<T>::file(), values.size(), cols,
                                            make_properties(H5P_DATASET_CREATE, where));
  if (values.empty()) return;
  check(H5Dwrite(data_set.id(), H5Type<T>::memory(), H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data()),
        where, "write");
}

template <typename T>
Extent H5Writer::make_room(const std::string& name, std::span<const T> values, std::uint64_t cols) {
  static_assert(std::endian::native == std::endian::little, "the file's order of bytes");
  const H5Lock lock;
  const auto where = impl_->place(name);
  const auto properties = make_properties(H5P_DATASET_CREATE, where);
  check(H5Pset_alloc_time(properties.id(), H5D_ALLOC_TIME_EARLY), where, "set early room");
  check(H5Pset_fill_time(properties.id(), H5D_FILL_TIME_NEVER), where, "set no filling");
  const auto data_set =
      impl_->create_plain(name, H5Type<T>::file(), values.size(), cols, properties);
  if (values.empty()) return {};
  const haddr_t first = H5Dget_offset(data_set.id());
  if (first == HADDR_UNDEF) throw IoError("{}: cannot make room: {}", where, h5_reason());
  return {first, std::as_bytes(values)};
}

template <typename T>
void H5Writer::write_column(const std::string& name, std::span<const T> values) {
  if (values.size_bytes() < kLeastPackedBytes) return write(name, values);
  const auto chunk_rows = std::min(kColumnChunkBytes / sizeof(T), values.size());
  create_column<T>(name, chunk_rows);
  // Offsets of texts, of which most columns are, rise evenly: deflate makes little of them.
  for (; !values.empty(); values = values.subspan(std::min(chunk_rows, values.size()))) {
    const auto chunk = values.first(std::min(chunk_rows, values.size()));
    append_chunk(name, chunk.size(), pack_chunk(chunk, chunk_rows, ChunkForm::deflated));
  }
}

void H5Writer::write_texts(const std::string& name, std::span<const std::string> texts) {
  std::vector<std::uint64_t> offsets{0};
  std::vector<std::uint8_t> bytes;
  offsets.reserve(texts.size() + 1);
  for (const auto& text : texts) {
    bytes.insert(bytes.end(), text.begin(), text.end());
    offsets.push_back(bytes.size());
  }
  write_column(name + "_offsets", std::span<const std::uint64_t>(offsets));
  write_column(name + "_bytes", std::span<const std::uint8_t>(bytes));
}

template <typename T>
void H5Writer::create_column(const std::string& name, std::uint64_t chunk_rows) {
  const H5Lock lock;
  const auto where = impl_->place(name);
  const hsize_t rows = 0;
  const hsize_t limit = H5S_UNLIMITED;
  const hsize_t chunk = chunk_rows;
  const auto space = own(H5Screate_simple(1, &rows, &limit), H5Sclose, where, "make a data space");
  const auto properties = make_properties(H5P_DATASET_CREATE, where);
  check(H5Pset_chunk(properties.id(), 1, &chunk), where, "set the chunk");
  if (kCanBeScaled<T>) {
    // A fill value would take one of the differences away.
    check(H5Pset_fill_value(properties.id(), H5Type<T>::file(), nullptr), where, "set no filling");
    check(H5Pset_scaleoffset(properties.id(), H5Z_SO_INT, H5Z_SO_INT_MINBITS_DEFAULT), where,
          "set the scale-offset");
  }
  check(H5Pset_shuffle(properties.id()), where, "set the shuffle");
  check(H5Pset_deflate(properties.id(), kColumnDeflateLevel), where, "set the compression");
  auto& column = impl_->columns[name];
  column.chunk_rows = chunk;
  column.can_be_scaled = kCanBeScaled<T>;
  column.data_set = impl_->create(name, H5Type<T>::file(), space, properties);
}

void H5Writer::append_chunk(const std::string& name, std::uint64_t rows,
                            const PackedChunk& packed) {
  const H5Lock lock;
  const auto where = impl_->place(name);
  const auto found = impl_->columns.find(name);
  if (found == impl_->columns.end()) throw InternalError("{}: appended before creation", where);
  auto& column = found->second;
  if (rows > column.chunk_rows || column.rows % column.chunk_rows != 0) {
    throw InternalError("{}: a chunk of {} rows does not follow {}", where, rows, column.rows);
  }
  if (packed.form == ChunkForm::scaled && !column.can_be_scaled) {
    throw InternalError("{}: a scaled chunk in a column that has none", where);
  }
  const auto left_out = !column.can_be_scaled              ? 0
                        : packed.form == ChunkForm::scaled ? kOnlyScaled
                                                           : kOnlyDeflated;
  const hsize_t start = column.rows;
  const hsize_t extent = start + rows;
  check(H5Dset_extent(column.data_set.id(), &extent), where, "extend");
  check(H5Dwrite_chunk(column.data_set.id(), H5P_DEFAULT, left_out, &start, packed.bytes.size(),
                       packed.bytes.data()),
        where, "write");
  column.rows = extent;
}

void H5Writer::attribute(const std::string& name, const std::string& value) {
  const auto where = impl_->place(name);
  if (value.find('\0') != std::string::npos) {
    throw IoError("{}: cannot store a text that contains a zero byte", where);
  }
  if (value.size() > kMostAttributeBytes) {
    const std::span bytes(reinterpret_cast<const std::uint8_t*>(value.data()), value.size());
    return write(long_text_name(name), bytes);
  }
  const H5Lock lock;
  const auto type = h5_string_type<IoError>(value.size() + 1, where);
  impl_->attribute(name, type.id(), type.id(), value.c_str());
}

void H5Writer::attribute(const std::string& name, std::int64_t value) {
  const H5Lock lock;
  using Type = H5Type<std::int64_t>;
  impl_->attribute(name, Type::file(), Type::memory(), &value);
}

void H5Writer::attribute(const std::string& name, double value) {
  const H5Lock lock;
  using Type = H5Type<double>;
  impl_->attribute(name, Type::file(), Type::memory(), &value);
}

void H5Writer::close() {
  const H5Lock lock;
  for (auto& [name, column] : impl_->columns) {
    check(column.data_set.close(), impl_->place(name), "close the data set");
  }
  check(impl_->file.close(), impl_->path, "close the file");
}

#define NNREC_INSTANTIATE(T)                                                                     \
  template void H5Writer::write<T>(const std::string&, std::span<const T>, std::uint64_t);       \
  template Extent H5Writer::make_room<T>(const std::string&, std::span<const T>, std::uint64_t); \
  template void H5Writer::write_column<T>(const std::string&, std::span<const T>);               \
  template void H5Writer::create_column<T>(const std::string&, std::uint64_t);
NNREC_FOR_H5_TYPES(NNREC_INSTANTIATE)
#undef NNREC_INSTANTIATE

}  // namespace nnrec::io
