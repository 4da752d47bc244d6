#pragma once

#include <filesystem>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include <google/protobuf/descriptor.pb.h>
#include <google/protobuf/dynamic_message.h>
#include <google/protobuf/util/json_util.h>
#include <nlohmann/json.hpp>

#include "support/temporary_folder.hpp"

namespace nnrec::testing {

/// The part of TensorBoard's event.proto and summary.proto that files of ours have, as descriptors.
inline google::protobuf::FileDescriptorProto event_schema() {
  using google::protobuf::DescriptorProto;
  using Field = google::protobuf::FieldDescriptorProto;
  google::protobuf::FileDescriptorProto file;
  file.set_name("event.proto");
  file.set_syntax("proto3");
  const auto message = [&](const char* name) {
    DescriptorProto* made = file.add_message_type();
    made->set_name(name);
    return made;
  };
  const auto field = [](DescriptorProto* of, const char* name, int number, Field::Type type,
                        const char* type_name = nullptr, bool is_repeated = false) {
    Field* made = of->add_field();
    made->set_name(name);
    made->set_number(number);
    made->set_type(type);
    if (type_name != nullptr) made->set_type_name(type_name);
    made->set_label(is_repeated ? Field::LABEL_REPEATED : Field::LABEL_OPTIONAL);
  };
  auto* histogram = message("HistogramProto");
  int number = 0;
  for (const char* name : {"min", "max", "num", "sum", "sum_squares"})
    field(histogram, name, ++number, Field::TYPE_DOUBLE);
  for (const char* name : {"bucket_limit", "bucket"})  // packed, as proto3 has it
    field(histogram, name, ++number, Field::TYPE_DOUBLE, nullptr, true);
  auto* value = message("Value");
  field(value, "tag", 1, Field::TYPE_STRING);
  field(value, "simple_value", 2, Field::TYPE_FLOAT);
  field(value, "histo", 5, Field::TYPE_MESSAGE, ".HistogramProto");
  field(message("Summary"), "value", 1, Field::TYPE_MESSAGE, ".Value", true);
  field(message("SessionLog"), "status", 1, Field::TYPE_INT32);
  auto* event = message("Event");
  field(event, "wall_time", 1, Field::TYPE_DOUBLE);
  field(event, "step", 2, Field::TYPE_INT64);
  field(event, "file_version", 3, Field::TYPE_STRING);
  field(event, "summary", 5, Field::TYPE_MESSAGE, ".Summary");
  field(event, "session_log", 7, Field::TYPE_MESSAGE, ".SessionLog");
  return file;
}

/// CRC-32C bit by bit, masked as TFRecord has it.
inline std::uint32_t naive_masked_crc(std::string_view bytes) {
  std::uint32_t crc = 0xFFFFFFFF;
  for (const char c : bytes) {
    crc ^= static_cast<unsigned char>(c);
    for (int bit = 0; bit < 8; ++bit) crc = (crc & 1) != 0 ? (crc >> 1) ^ 0x82F63B78 : crc >> 1;
  }
  crc = ~crc;
  return ((crc >> 15) | (crc << 17)) + 0xA282EAD8;
}

/// The events of a file as JSON, read by protocol buffers' own library. Throws std::runtime_error
/// where a length, a checksum or a message is wrong, or a field is none of the schema.
inline std::vector<nlohmann::json> read_events(const std::filesystem::path& path) {
  namespace pb = google::protobuf;
  pb::DescriptorPool pool;
  const auto* schema = pool.BuildFile(event_schema());
  if (schema == nullptr) throw std::runtime_error("no schema");
  pb::DynamicMessageFactory factory;
  const std::unique_ptr<pb::Message> event(
      factory.GetPrototype(schema->FindMessageTypeByName("Event"))->New());

  const std::string bytes = read_file(path);
  std::string_view rest = bytes;
  const auto take = [&](std::size_t count) {
    if (rest.size() < count) throw std::runtime_error("the file is cut");
    const auto taken = rest.substr(0, count);
    rest.remove_prefix(count);
    return taken;
  };
  const auto number = [&](std::size_t size) {
    std::uint64_t value = 0;
    const auto digits = take(size);
    for (std::size_t i = size; i-- > 0;) value = value << 8 | static_cast<unsigned char>(digits[i]);
    return value;
  };
  const auto checked = [&](std::string_view text_of) {
    if (number(4) != naive_masked_crc(text_of)) throw std::runtime_error("a checksum is wrong");
    return text_of;
  };
  std::vector<nlohmann::json> events;
  while (!rest.empty()) {
    const std::string_view head = rest.substr(0, 8);
    const std::uint64_t length = number(8);
    checked(head);
    const std::string message(checked(take(length)));
    if (!event->ParseFromString(message)) throw std::runtime_error("no message");
    if (!event->GetReflection()->GetUnknownFields(*event).empty())
      throw std::runtime_error("a field that no event has");
    std::string json;
    pb::util::JsonPrintOptions options;
    options.preserve_proto_field_names = true;
    if (!pb::util::MessageToJsonString(*event, &json, options).ok())
      throw std::runtime_error("no JSON");
    events.push_back(nlohmann::json::parse(json));
  }
  return events;
}

}  // namespace nnrec::testing
