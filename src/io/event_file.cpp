#include "nnrec/io/event_file.hpp"

#include <algorithm>
#include <cerrno>
#include <cmath>

#include <boost/crc.hpp>

#include "nnrec/base/error.hpp"
#include "nnrec/base/numbers.hpp"
#include "nnrec/base/system.hpp"
#include "nnrec/io/folder.hpp"

#include "protobuf_wire.hpp"

namespace nnrec::io {
namespace {
namespace fs = std::filesystem;

constexpr std::string_view kNameBegin = "events.out.tfevents.";
constexpr std::string_view kNameEnd = ".nnrec";

/// CRC-32C, turned and shifted so that the checksum of a text with its checksum is no constant.
std::uint32_t masked_checksum(std::string_view bytes) {
  boost::crc_optimal<32, 0x1EDC6F41, 0xFFFFFFFF, 0xFFFFFFFF, true, true> crc;
  crc.process_bytes(bytes.data(), bytes.size());
  const auto sum = static_cast<std::uint32_t>(crc.checksum());
  return ((sum >> 15) | (sum << 17)) + 0xA282EAD8U;
}

std::string record_of(const std::string& message) {
  const std::string length = wire::little_endian(message.size(), 8);
  return length + wire::little_endian(masked_checksum(length), 4) + message +
         wire::little_endian(masked_checksum(message), 4);
}

// --------------------------------------- the messages of event.proto and summary.proto

std::string event(std::uint64_t step, double unix_seconds, const std::string& what) {
  return wire::real(1, unix_seconds) + wire::whole(2, static_cast<std::int64_t>(step)) + what;
}

std::string file_version() {
  return wire::text(3, "brain.Event:2");
}

std::string session_start() {
  constexpr std::int64_t kStart = 1;
  return wire::text(7, wire::whole(1, kStart));
}

/// Of the messages `Value` in it.
std::string summary(const std::string& values) {
  return wire::text(5, values);
}

std::string scalar_value(const EventFile::Scalar& scalar) {
  return wire::text(1, wire::text(1, scalar.tag) + wire::real(2, static_cast<float>(scalar.value)));
}

std::string histogram_value(const std::string& tag, const Histogram& histogram) {
  double count = 0;
  for (const double values : histogram.counts) count += values;
  const std::string message = wire::real(1, histogram.least) + wire::real(2, histogram.most) +
                              wire::real(3, count) + wire::real(4, histogram.sum) +
                              wire::real(5, histogram.squares) + wire::reals(6, histogram.limits) +
                              wire::reals(7, histogram.counts);
  return wire::text(1, wire::text(1, tag) + wire::text(5, message));
}

// ------------------------------------------------------------------------------ the file

/// One more than the largest number of a file of ours.
std::uint64_t next_number(const fs::path& folder) {
  std::uint64_t next = 1;
  std::error_code error;
  fs::directory_iterator entry(folder, error);
  for (; !error && entry != fs::directory_iterator{}; entry.increment(error)) {
    const std::string name = entry->path().filename().string();
    if (!name.starts_with(kNameBegin) || !name.ends_with(kNameEnd)) continue;
    const std::string_view number = std::string_view(name).substr(
        kNameBegin.size(), name.size() - kNameBegin.size() - kNameEnd.size());
    if (const auto found = parse_number<std::uint64_t>(number)) next = std::max(next, *found + 1);
  }
  if (error) throw IoError("{}: cannot be listed: {}", folder.string(), error.message());
  return next;
}

}  // namespace

Histogram histogram_of(std::span<const float> values, std::size_t ranges) {
  const auto [least, most] = std::minmax_element(values.begin(), values.end());
  Histogram histogram{static_cast<double>(*least), static_cast<double>(*most), 0, 0, {}, {}};
  const double width = (histogram.most - histogram.least) / static_cast<double>(ranges);
  for (std::size_t i = 1; i < ranges; ++i)
    histogram.limits.push_back(histogram.least + width * static_cast<double>(i));
  histogram.limits.push_back(histogram.most);
  histogram.counts.assign(ranges, 0);
  for (const float each : values) {
    const auto value = static_cast<double>(each);
    histogram.sum += value;
    histogram.squares += value * value;
    // The first limit that is not below it; the last one is none's.
    const auto limit =
        std::lower_bound(histogram.limits.begin(), histogram.limits.end() - 1, value);
    ++histogram.counts[static_cast<std::size_t>(limit - histogram.limits.begin())];
  }
  return histogram;
}

EventFile::EventFile(const fs::path& folder, std::uint64_t first_step, double unix_seconds) {
  make_folder(folder);
  // Made anew: two programs that begin at once get a file each.
  for (std::uint64_t number = next_number(folder); !file_; ++number) {
    path_ = folder / fmt::format("{}{:010}{}", kNameBegin, number, kNameEnd);
    file_.reset(std::fopen(path_.c_str(), "wbx"));
    if (!file_ && errno != EEXIST)
      throw IoError("{}: cannot be made: {}", path_.string(), system_reason());
  }
  write_event(event(0, unix_seconds, file_version()));
  write_event(event(first_step, unix_seconds, session_start()));
}

void EventFile::write(std::uint64_t step, double unix_seconds, std::span<const Scalar> scalars) {
  std::string values;
  for (const Scalar& scalar : scalars) values += scalar_value(scalar);
  write_event(event(step, unix_seconds, summary(values)));
}

void EventFile::write(std::uint64_t step, double unix_seconds, const std::string& tag,
                      const Histogram& histogram) {
  write_event(event(step, unix_seconds, summary(histogram_value(tag, histogram))));
}

void EventFile::write_event(const std::string& event) {
  const std::string record = record_of(event);
  if (std::fwrite(record.data(), 1, record.size(), file_.get()) == record.size() &&
      std::fflush(file_.get()) == 0)
    return;
  throw IoError("{}: cannot be written: {}", path_.string(), system_reason());
}

}  // namespace nnrec::io
