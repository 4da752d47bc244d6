#include "support/foreign_h5.hpp"

#include <hdf5.h>

#include "support/temporary_folder.hpp"

namespace nnrec::testing {
namespace {

hid_t stored(ForeignH5::Type type) {
  using Type = ForeignH5::Type;
  switch (type) {
    case Type::f32:
      return H5T_IEEE_F32LE;
    case Type::i8:
      return H5T_STD_I8LE;
    case Type::i16:
      return H5T_STD_I16LE;
    case Type::i32_big_endian:
      return H5T_STD_I32BE;
    case Type::u32:
      return H5T_STD_U32LE;
    case Type::i64:
      return H5T_STD_I64LE;
    case Type::u64:
      return H5T_STD_U64LE;
    case Type::f64:
      break;
  }
  return H5T_IEEE_F64LE;
}

/// What a data set is made of.
struct Content {
  const void* values;
  hid_t memory;
  hid_t stored;
  ForeignH5::Shape shape;
  hsize_t chunk = 0;
};

void write(hid_t file, const std::string& name, const Content& content) {
  const std::vector<hsize_t> shape(content.shape.begin(), content.shape.end());
  const hid_t space = H5Screate_simple(static_cast<int>(shape.size()), shape.data(), nullptr);
  const hid_t links = H5Pcreate(H5P_LINK_CREATE);
  H5Pset_create_intermediate_group(links, 1);
  const hid_t layout = H5Pcreate(H5P_DATASET_CREATE);
  if (content.chunk > 0) {
    H5Pset_chunk(layout, 1, &content.chunk);
    H5Pset_deflate(layout, 6);
  }
  const hid_t made =
      H5Dcreate2(file, name.c_str(), content.stored, space, links, layout, H5P_DEFAULT);
  H5Dwrite(made, content.memory, H5S_ALL, H5S_ALL, H5P_DEFAULT, content.values);
  H5Dclose(made);
  H5Pclose(layout);
  H5Pclose(links);
  H5Sclose(space);
}

hid_t text_type(std::size_t width) {
  const hid_t type = H5Tcopy(H5T_C_S1);
  H5Tset_size(type, width);
  return type;
}

}  // namespace

ForeignH5::ForeignH5(const std::filesystem::path& path, Kind kind) : path_(path), kind_(kind) {
  const hid_t create = H5Pcreate(H5P_FILE_CREATE);
  if (kind == Kind::matlab) H5Pset_userblock(create, 512);
  file_ = H5Fcreate(path.c_str(), H5F_ACC_TRUNC, create, H5P_DEFAULT);
  H5Pclose(create);
}

ForeignH5::~ForeignH5() {
  H5Fclose(file_);
  if (kind_ == Kind::plain) return;
  auto bytes = read_file(path_);
  constexpr std::string_view kText = "MATLAB 7.3 MAT-file, Platform: GLNXA64, HDF5 schema 1.00 .";
  bytes.replace(0, kText.size(), kText);
  write_file(path_, bytes);
}

void ForeignH5::add(const std::string& name, const std::vector<double>& values, Shape shape,
                    Type type, std::uint64_t chunk) {
  if (shape.empty()) shape = {values.size()};
  write(file_, name, {values.data(), H5T_NATIVE_DOUBLE, stored(type), shape, chunk});
}

void ForeignH5::add_texts(const std::string& name, const std::vector<const char*>& texts) {
  const hid_t type = text_type(H5T_VARIABLE);
  write(file_, name, {texts.data(), type, type, {texts.size()}});
  H5Tclose(type);
}

void ForeignH5::add_cells(const std::string& name, const std::string& cells, std::size_t width) {
  const hid_t type = text_type(width);
  write(file_, name, {cells.data(), type, type, {cells.size() / width}});
  H5Tclose(type);
}

void ForeignH5::attribute(const std::string& object, const char* name, std::uint64_t value) {
  const hid_t space = H5Screate(H5S_SCALAR);
  const hid_t made = H5Acreate_by_name(file_, object.c_str(), name, H5T_STD_U64LE, space,
                                       H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
  H5Awrite(made, H5T_NATIVE_UINT64, &value);
  H5Aclose(made);
  H5Sclose(space);
}

void ForeignH5::add_records(const std::string& name, const std::vector<Record>& records) {
  const hid_t type = H5Tcreate(H5T_COMPOUND, sizeof(Record));
  H5Tinsert(type, "user_id", HOFFSET(Record, user_id), H5T_NATIVE_INT32);
  H5Tinsert(type, "item_id", HOFFSET(Record, item_id), H5T_NATIVE_INT64);
  H5Tinsert(type, "rating", HOFFSET(Record, rating), H5T_NATIVE_FLOAT);
  write(file_, name, {records.data(), type, type, {records.size()}});
  H5Tclose(type);
}

}  // namespace nnrec::testing
