#include "nnrec/io/onnx_file.hpp"

#include "nnrec/base/error.hpp"
#include "nnrec/io/text_output.hpp"

#include "protobuf_wire.hpp"

namespace nnrec::io {
namespace {

using wire::head_of;
using wire::text;
using wire::whole;

// ------------------------------------------------- the messages of onnx.proto

std::string value_info(const std::string& name, OnnxFile::Type type,
                       const std::vector<OnnxFile::Size>& shape, std::string_view doc) {
  std::string dims;
  for (const OnnxFile::Size& size : shape) {
    const auto* number = std::get_if<std::int64_t>(&size);
    dims += text(1, number != nullptr ? whole(1, *number) : text(2, std::get<std::string>(size)));
  }
  const std::string tensor = whole(1, static_cast<std::int64_t>(type)) + text(2, dims);
  return text(1, name) + text(2, text(1, tensor)) + text(3, doc);
}

std::string attribute(const OnnxFile::Attribute& attribute) {
  constexpr std::int64_t kInt = 2;
  constexpr std::int64_t kInts = 7;
  std::string message = text(1, attribute.name);
  if (const auto* number = std::get_if<std::int64_t>(&attribute.value))
    return message + whole(3, *number) + whole(20, kInt);
  for (const std::int64_t number : std::get<std::vector<std::int64_t>>(attribute.value))
    message += whole(8, number);
  return message + whole(20, kInts);
}

}  // namespace

void OnnxFile::input(const std::string& name, Type type, const std::vector<Size>& shape,
                     std::string_view doc) {
  ends_ += text(11, value_info(name, type, shape, doc));
}

void OnnxFile::output(const std::string& name, Type type, const std::vector<Size>& shape,
                      std::string_view doc) {
  ends_ += text(12, value_info(name, type, shape, doc));
}

void OnnxFile::constant(const std::string& name, Type type, std::span<const std::byte> bytes,
                        const std::vector<std::int64_t>& shape) {
  std::string tensor;
  for (const std::int64_t size : shape) tensor += whole(1, size);
  tensor += whole(2, static_cast<std::int64_t>(type)) + text(8, name) + head_of(9, bytes.size());
  constants_.push_back({head_of(5, tensor.size() + bytes.size()) + tensor, bytes});
}

void OnnxFile::constant(const std::string& name, std::span<const float> values,
                        const std::vector<std::int64_t>& shape) {
  constant(name, Type::float32, std::as_bytes(values), shape);
}

void OnnxFile::constant(const std::string& name, std::span<const std::int64_t> values,
                        const std::vector<std::int64_t>& shape) {
  constant(name, Type::int64, std::as_bytes(values), shape);
}

void OnnxFile::node(std::string_view op, const std::vector<std::string>& inputs,
                    const std::string& output, const std::vector<Attribute>& attributes) {
  std::string message;
  for (const std::string& input : inputs) message += text(1, input);
  message += text(2, output) + text(3, output) + text(4, op);
  for (const Attribute& each : attributes) message += text(5, attribute(each));
  nodes_ += text(1, message);
}

void OnnxFile::metadata(std::string_view key, std::string_view value) {
  metadata_ += text(14, text(1, key) + text(2, value));
}

void OnnxFile::write(const std::filesystem::path& path, std::string_view graph_name) const {
  constexpr std::int64_t kIrVersion = 7;
  constexpr std::uint64_t kMostBytes = (std::uint64_t{1} << 31) - 1;
  const std::string name = text(2, graph_name);
  std::uint64_t graph = nodes_.size() + name.size() + ends_.size();
  for (const Constant& constant : constants_) graph += constant.head.size() + constant.bytes.size();
  const std::string begin = whole(1, kIrVersion) + text(2, "nnrec") + head_of(7, graph);
  const std::string end = text(8, text(1, "") + whole(2, kOperators)) + metadata_;
  if (begin.size() + graph + end.size() > kMostBytes) {
    throw InputError(
        "the model takes {} bytes as ONNX, which are at most {}: export it to npz or hdf5",
        begin.size() + graph + end.size(), kMostBytes);
  }
  TextOutput file(path.string(), nullptr);
  for (const std::string* part : {&begin, &nodes_, &name}) file.write(*part);
  for (const Constant& constant : constants_) {
    file.write(constant.head);
    file.write({reinterpret_cast<const char*>(constant.bytes.data()), constant.bytes.size()});
  }
  file.write(ends_);
  file.write(end);
  file.close();
}

}  // namespace nnrec::io
