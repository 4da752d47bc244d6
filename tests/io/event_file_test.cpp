#include "nnrec/io/event_file.hpp"

#include <array>
#include <numeric>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/expect_error.hpp"
#include "support/file_size_limit.hpp"
#include "support/tensor_board_events.hpp"

namespace nnrec::io {
namespace {
namespace fs = std::filesystem;

using ::testing::ElementsAre;
using ::testing::EndsWith;
using testing::expect_error;
using ::testing::HasSubstr;
using testing::naive_masked_crc;
using testing::read_events;

TEST(EventFile, IsReadBackByProtocolBuffersOwnLibrary) {
  const testing::TemporaryFolder folder;
  EventFile file(folder / "a", 41, 1000.25);
  const std::array<EventFile::Scalar, 2> scalars{{{"RMSE/test", 0.75}, {"rate", 1e9}}};
  file.write(80, 1001.5, scalars);
  const std::array<float, 5> values{1, 2, 2.5F, 3, 5};
  file.write(80, 1002, "norms", histogram_of(values, 4));

  const auto events = read_events(file.path());
  ASSERT_EQ(events.size(), 4U);
  EXPECT_EQ(events[0].at("file_version"), "brain.Event:2");
  EXPECT_EQ(events[0].at("wall_time"), 1000.25);
  EXPECT_EQ(events[1].at("session_log").at("status"), 1);
  EXPECT_EQ(events[1].at("step"), "41") << "what former files have from here on is void";
  EXPECT_EQ(events[2].at("step"), "80");
  const auto& first = events[2].at("summary").at("value");
  EXPECT_EQ(first.at(0), (nlohmann::json{{"tag", "RMSE/test"}, {"simple_value", 0.75}}));
  EXPECT_EQ(first.at(1).at("simple_value"), 1e9);
  const auto& histogram = events[3].at("summary").at("value").at(0).at("histo");
  EXPECT_EQ(histogram.at("min"), 1);
  EXPECT_EQ(histogram.at("max"), 5);
  EXPECT_EQ(histogram.at("num"), 5);
  EXPECT_EQ(histogram.at("sum"), 13.5);
  EXPECT_EQ(histogram.at("sum_squares"), 45.25);
  EXPECT_EQ(histogram.at("bucket_limit"), nlohmann::json({2, 3, 4, 5}));
  EXPECT_EQ(histogram.at("bucket"), nlohmann::json({2, 2, 0, 1}));
}

TEST(EventFile, ChecksumIsThatOfThePublishedTest) {
  // "123456789" has the CRC-32C E3069283, in all catalogues of checksums.
  EXPECT_EQ(naive_masked_crc("123456789"),
            ((0xE3069283U >> 15) | (0xE3069283U << 17)) + 0xA282EAD8U);
}

TEST(EventFile, ADamagedByteIsSeen) {
  const testing::TemporaryFolder folder;
  const EventFile file(folder / "a", 1, 0);
  const auto size = fs::file_size(file.path());
  for (std::size_t byte = 0; byte < size; ++byte) {
    testing::flip_byte(file.path(), byte);
    EXPECT_THROW(read_events(file.path()), std::runtime_error) << byte;
    testing::flip_byte(file.path(), byte);
  }
}

TEST(EventFile, EachStartHasAFileBehindTheFormerOnes) {
  const testing::TemporaryFolder folder;
  fs::create_directory(folder / "a");
  testing::write_file(folder / "a/events.out.tfevents.0000000007.nnrec", "another's");
  testing::write_file(folder / "a/events.out.tfevents.1700000000.host", "another program's");
  const EventFile first(folder / "a", 1, 0);
  const EventFile second(folder / "a", 9, 0);
  EXPECT_THAT(first.path().string(), EndsWith("tfevents.0000000008.nnrec"));
  EXPECT_THAT(second.path().string(), EndsWith("tfevents.0000000009.nnrec"));
}

TEST(EventFile, OneValueAndEqualValuesHaveAHistogram) {
  const std::array<float, 3> equal{2, 2, 2};
  const Histogram histogram = histogram_of(equal, 3);
  EXPECT_EQ(histogram.limits, std::vector<double>(3, 2.0));
  EXPECT_EQ(std::accumulate(histogram.counts.begin(), histogram.counts.end(), 0.0), 3);
}

TEST(EventFile, AFullDiskIsNamed) {
  const testing::TemporaryFolder folder;
  EventFile file(folder / "a", 1, 0);
  const std::array<EventFile::Scalar, 1> scalars{{{"RMSE/test", 0.75}}};
  const testing::FileSizeLimit limit(fs::file_size(file.path()) + 3);
  expect_error(ErrorKind::io,
               HasSubstr("tfevents.0000000001.nnrec: cannot be written: File too large"),
               [&] { file.write(5, 0, scalars); });
}

TEST(EventFile, AFolderThatCannotBeMadeIsNamed) {
  expect_error(ErrorKind::io, HasSubstr("/dev/null/events: cannot be made"),
               [] { EventFile("/dev/null/events", 1, 0); });
}

}  // namespace
}  // namespace nnrec::io
