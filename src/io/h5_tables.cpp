#include "nnrec/io/h5_tables.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <map>

#include <fmt/format.h>

#include "nnrec/base/numbers.hpp"
#include "nnrec/io/byte_source.hpp"
#include "nnrec/io/h5_file.hpp"

#include "h5_handle.hpp"

namespace nnrec::io {
namespace {

constexpr std::string_view kMatlab = "MATLAB 7.3";
constexpr std::size_t kMostTables = 10'000;
constexpr int kMostGroups = 8;  ///< within each other: links may go in circles
/// Of unpacked chunks, so that none is unpacked once a read.
constexpr std::size_t kCacheBytes = 1 << 26;
constexpr std::size_t kCacheSlots = 12'421;

template <typename Result>
Result check(Result result, const std::string& place, const char* action) {
  return h5_check<InputError>(result, place, action);
}
H5Handle own(hid_t id, H5Handle::Closer closer, const std::string& place, const char* action) {
  return h5_own<InputError>(id, closer, place, action);
}

/// The names of a group's own members. HDF5 calls back: nothing may be thrown through it.
std::vector<std::string> names_in(hid_t group, const std::string& place) {
  std::vector<std::string> names;
  const auto note = [](hid_t, const char* name, const H5L_info_t* info, void* all) -> herr_t {
    if (info->type == H5L_TYPE_HARD)
      static_cast<std::vector<std::string>*>(all)->emplace_back(name);
    return 0;
  };
  check(H5Literate(group, H5_INDEX_NAME, H5_ITER_INC, nullptr, note, &names), place, "list");
  return names;
}

/// How values lie in memory; closed where there is no way to read them as text.
H5Handle memory_type(hid_t stored, const std::string& place) {
  const auto copy = [&](hid_t type) { return own(H5Tcopy(type), H5Tclose, place, "copy a type"); };
  switch (H5Tget_class(stored)) {
    case H5T_INTEGER:
      return copy(H5Tget_sign(stored) == H5T_SGN_NONE ? H5T_NATIVE_UINT64 : H5T_NATIVE_INT64);
    case H5T_FLOAT:
      // As wide as stored: 3.6 of 32 bits is 3.6, not 3.5999999.
      return copy(H5Tget_size(stored) <= sizeof(float) ? H5T_NATIVE_FLOAT : H5T_NATIVE_DOUBLE);
    case H5T_STRING:
      return copy(stored);
    default:
      return {};
  }
}

template <typename T>
std::string number_text(const std::byte* cell) {
  T value;
  std::memcpy(&value, cell, sizeof(T));
  if constexpr (std::is_floating_point_v<T>) {
    if (std::isnan(value)) return {};
  }
  return fmt::format("{}", value);
}

bool is_variable_text(hid_t type) {
  return H5Tget_class(type) == H5T_STRING && H5Tis_variable_str(type) > 0;
}

/// A text without what fills its cell up.
std::string cell_text(hid_t type, const std::byte* cell) {
  if (is_variable_text(type)) {
    const char* text = nullptr;
    std::memcpy(&text, cell, sizeof(text));
    return text == nullptr ? std::string() : std::string(text);
  }
  const auto* text = reinterpret_cast<const char*>(cell);
  std::string value(text, ::strnlen(text, H5Tget_size(type)));
  if (H5Tget_strpad(type) == H5T_STR_SPACEPAD) value.erase(value.find_last_not_of(' ') + 1);
  return value;
}

std::string value_text(hid_t type, const std::byte* cell) {
  if (H5Tget_class(type) == H5T_STRING) return cell_text(type, cell);
  if (H5Tequal(type, H5T_NATIVE_FLOAT) > 0) return number_text<float>(cell);
  if (H5Tequal(type, H5T_NATIVE_DOUBLE) > 0) return number_text<double>(cell);
  if (H5Tequal(type, H5T_NATIVE_UINT64) > 0) return number_text<std::uint64_t>(cell);
  return number_text<std::int64_t>(cell);
}

}  // namespace

struct H5Tables::Impl {
  /// A table that values are read from, kept open.
  struct Source {
    H5Handle data_set;
    H5Handle value;   ///< a value's type in memory
    H5Handle record;  ///< around it, where it is a member of records
  };
  std::string path;
  H5Handle file;
  std::uint64_t most_bytes = 0;
  bool is_matlab = false;
  std::vector<H5Table> all;
  std::map<std::string, Source> sources;

  std::string place(const std::string& name) const { return path + ": " + name; }

  void list(hid_t group, const std::string& prefix, int depth) {
    for (const std::string& name : names_in(group, place(prefix))) {
      const std::string full = prefix + name;
      const auto object =
          own(H5Oopen(group, name.c_str(), H5P_DEFAULT), H5Oclose, place(full), "open");
      const auto kind = H5Iget_type(object.id());
      if (kind == H5I_GROUP && depth < kMostGroups) list(object.id(), full + "/", depth + 1);
      if (kind == H5I_DATASET) list_data_set(full);
      if (all.size() > kMostTables) {
        throw InputError("{}: has more than {} data sets. Is it a file of ratings?", path,
                         kMostTables);
      }
    }
  }

  void list_data_set(const std::string& name) {
    const auto where = place(name);
    const auto data_set = open(name);
    const auto space = own(H5Dget_space(data_set.id()), H5Sclose, where, "get the data space");
    const int rank = check(H5Sget_simple_extent_ndims(space.id()), where, "get the rank");
    if (rank != 1 && rank != 2) return;
    std::vector<hsize_t> extents(static_cast<std::size_t>(rank));
    check(H5Sget_simple_extent_dims(space.id(), extents.data(), nullptr), where, "get the shape");
    std::uint64_t left = most_bytes;  // that the file can hold, unpacked
    for (const auto extent : extents) left /= std::max<hsize_t>(extent, 1);
    if (left == 0) {
      throw InputError("{}: says {} elements, more than the file can hold", where,
                       fmt::join(extents, " x "));
    }
    const std::vector<std::uint64_t> shape(extents.begin(), extents.end());
    const auto stored = own(H5Dget_type(data_set.id()), H5Tclose, where, "get the type");
    if (H5Tget_class(stored.id()) != H5T_COMPOUND) {
      if (memory_type(stored.id(), where).is_open()) all.push_back({name, shape});
      return;
    }
    const int members = check(H5Tget_nmembers(stored.id()), where, "count the members");
    for (int member = 0; member < members && rank == 1; ++member) {
      const auto index = static_cast<unsigned>(member);
      const auto type = own(H5Tget_member_type(stored.id(), index), H5Tclose, where, "get a type");
      if (!memory_type(type.id(), where).is_open()) continue;
      const std::unique_ptr<char, decltype(&H5free_memory)> text(
          H5Tget_member_name(stored.id(), index), &H5free_memory);
      if (text) all.push_back({name + "/" + text.get(), shape});
    }
  }

  H5Handle open(const std::string& name) const {
    const auto access = own(H5Pcreate(H5P_DATASET_ACCESS), H5Pclose, place(name), "set up access");
    check(H5Pset_chunk_cache(access.id(), kCacheSlots, kCacheBytes, 1), place(name), "set a cache");
    return own(H5Dopen2(file.id(), name.c_str(), access.id()), H5Dclose, place(name), "open");
  }

  Source make_source(const std::string& name) const {
    const auto where = place(name);
    const auto exists = [&](const std::string& path_to) {
      return H5Oexists_by_name(file.id(), path_to.c_str(), H5P_DEFAULT) > 0;
    };
    const auto slash = name.rfind('/');
    const bool is_member = slash != std::string::npos && is_data_set(name.substr(0, slash));
    if (!is_member && !exists(name)) throw InputError("{}: is missing", where);
    Source source;
    source.data_set = open(is_member ? name.substr(0, slash) : name);
    auto stored = own(H5Dget_type(source.data_set.id()), H5Tclose, where, "get the type");
    if (!is_member) {
      source.value = memory_type(stored.id(), where);
      return source;
    }
    const std::string member = name.substr(slash + 1);
    const int index = check(H5Tget_member_index(stored.id(), member.c_str()), where, "find");
    const auto type = own(H5Tget_member_type(stored.id(), static_cast<unsigned>(index)), H5Tclose,
                          where, "get the type");
    source.value = memory_type(type.id(), where);
    source.record = own(H5Tcreate(H5T_COMPOUND, H5Tget_size(source.value.id())), H5Tclose, where,
                        "make a type");
    check(H5Tinsert(source.record.id(), member.c_str(), 0, source.value.id()), where,
          "make a type");
    return source;
  }

  bool is_data_set(const std::string& name) const {
    const auto object = H5Handle(H5Oopen(file.id(), name.c_str(), H5P_DEFAULT), H5Oclose);
    return object.is_open() && H5Iget_type(object.id()) == H5I_DATASET;
  }

  const Source& source(const std::string& name) {
    const auto found = sources.find(name);
    return found != sources.end() ? found->second
                                  : sources.emplace(name, make_source(name)).first->second;
  }

  std::vector<std::string> read(const H5Table& table, const H5Block& block) {
    const auto where = place(table.name);
    const Source& from = source(table.name);
    const std::array<hsize_t, 2> start{block.first_row, block.first_column};
    const std::array<hsize_t, 2> count{block.rows, table.shape.size() == 2 ? block.columns : 1};
    const hsize_t cells = count[0] * count[1];
    if (cells == 0) return {};
    const auto chosen = own(H5Dget_space(from.data_set.id()), H5Sclose, where, "get the space");
    check(H5Sselect_hyperslab(chosen.id(), H5S_SELECT_SET, start.data(), nullptr, count.data(),
                              nullptr),
          where, "select a block");
    const auto memory = own(H5Screate_simple(1, &cells, nullptr), H5Sclose, where, "make a space");
    const hid_t type = from.value.id();
    const hid_t whole = from.record.is_open() ? from.record.id() : type;
    const std::size_t size = H5Tget_size(type);
    std::vector<std::byte> values(cells * size);
    check(H5Dread(from.data_set.id(), whole, memory.id(), chosen.id(), H5P_DEFAULT, values.data()),
          where, "read");
    std::vector<std::string> texts;
    texts.reserve(cells);
    for (hsize_t cell = 0; cell < cells; ++cell) {
      texts.push_back(value_text(type, values.data() + cell * size));
    }
    if (is_variable_text(type)) {
      check(H5Dvlen_reclaim(whole, memory.id(), H5P_DEFAULT, values.data()), where, "free");
    }
    return texts;
  }
};

H5Tables::H5Tables(const std::filesystem::path& path) {
  const auto head = read_head(*open_file(path), kMatlab.size());
  const H5Lock lock;
  auto impl = std::make_unique<Impl>();  // On failure it goes before the lock does.
  impl->path = path.string();
  impl->is_matlab = head == kMatlab;
  std::error_code status;
  const auto size = std::filesystem::file_size(path, status);
  impl->most_bytes = status ? 0 : size * kMostExpansion;
  const auto access = h5_access<InputError>(impl->path);
  impl->file =
      own(H5Fopen(path.c_str(), H5F_ACC_RDONLY, access.id()), H5Fclose, impl->path, "open as HDF5");
  impl->list(impl->file.id(), "", 0);
  impl_ = std::move(impl);
}

H5Tables::~H5Tables() {
  const H5Lock lock;  // Handles close under the lock.
  impl_.reset();
}

H5Tables::H5Tables(H5Tables&&) noexcept = default;

const std::vector<H5Table>& H5Tables::all() const noexcept {
  return impl_->all;
}

bool H5Tables::is_matlab() const noexcept {
  return impl_->is_matlab;
}

namespace {

/// An attribute of one number or text, as text; nothing where there is none.
std::optional<std::string> attribute_text(hid_t file, const std::string& object,
                                          const std::string& name, H5T_class_t wanted) {
  const std::string place = object + ": attribute " + name;
  if (H5Aexists_by_name(file, object.c_str(), name.c_str(), H5P_DEFAULT) <= 0) return std::nullopt;
  const auto attribute =
      own(H5Aopen_by_name(file, object.c_str(), name.c_str(), H5P_DEFAULT, H5P_DEFAULT), H5Aclose,
          place, "open");
  const auto space = own(H5Aget_space(attribute.id()), H5Sclose, place, "get the data space");
  const auto stored = own(H5Aget_type(attribute.id()), H5Tclose, place, "get the type");
  if (H5Sget_simple_extent_npoints(space.id()) != 1) return std::nullopt;
  if (H5Tget_class(stored.id()) != wanted) return std::nullopt;
  const auto type = memory_type(stored.id(), place);
  std::vector<std::byte> value(H5Tget_size(type.id()));
  check(H5Aread(attribute.id(), type.id(), value.data()), place, "read");
  auto text = value_text(type.id(), value.data());
  if (is_variable_text(type.id())) {
    check(H5Dvlen_reclaim(type.id(), space.id(), H5P_DEFAULT, value.data()), place, "free");
  }
  return text;
}

}  // namespace

std::optional<std::uint64_t> H5Tables::number(const std::string& object,
                                              const std::string& name) const {
  const H5Lock lock;
  const auto text = attribute_text(impl_->file.id(), object, name, H5T_INTEGER);
  return text ? parse_number<std::uint64_t>(*text) : std::nullopt;
}

std::optional<std::string> H5Tables::text(const std::string& object,
                                          const std::string& name) const {
  const H5Lock lock;
  return attribute_text(impl_->file.id(), object, name, H5T_STRING);
}

std::vector<std::string> H5Tables::read(const H5Table& table, const H5Block& block) const {
  const H5Lock lock;
  return impl_->read(table, block);
}

}  // namespace nnrec::io
