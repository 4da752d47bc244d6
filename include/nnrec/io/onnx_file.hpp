#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace nnrec::io {

/// Writes a computation as an ONNX model of the operator set kOperators, for onnxruntime and other
/// programs. Constants are views that outlive the object: tables are written from where they lie.
/// Source: the public schema onnx.proto (IR version 7); protocol buffers' wire format.
class OnnxFile {
 public:
  static constexpr std::int64_t kOperators = 12;

  enum class Type { float32 = 1, int64 = 7 };
  /// A size, or a name where it is open.
  using Size = std::variant<std::int64_t, std::string>;
  /// Of a node: a whole number, or a list of them.
  struct Attribute {
    std::string name;
    std::variant<std::int64_t, std::vector<std::int64_t>> value;
  };

  /// `doc` says what belongs there.
  void input(const std::string& name, Type type, const std::vector<Size>& shape,
             std::string_view doc);
  void output(const std::string& name, Type type, const std::vector<Size>& shape,
              std::string_view doc);
  void constant(const std::string& name, std::span<const float> values,
                const std::vector<std::int64_t>& shape);
  void constant(const std::string& name, std::span<const std::int64_t> values,
                const std::vector<std::int64_t>& shape);
  /// One operator, behind those that make its inputs.
  void node(std::string_view op, const std::vector<std::string>& inputs, const std::string& output,
            const std::vector<Attribute>& attributes = {});
  void metadata(std::string_view key, std::string_view value);

  /// Whole or not at all. Throws InputError: more than 2 GiB, which no ONNX file may have; IoError.
  void write(const std::filesystem::path& path, std::string_view graph_name) const;

 private:
  struct Constant {
    std::string head;
    std::span<const std::byte> bytes;
  };
  void constant(const std::string& name, Type type, std::span<const std::byte> bytes,
                const std::vector<std::int64_t>& shape);

  std::string nodes_;  ///< fields of the graph, as they are in the file
  std::string ends_;   ///< inputs and outputs
  std::string metadata_;
  std::vector<Constant> constants_;
};

}  // namespace nnrec::io
