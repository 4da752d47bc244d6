#include "nnrec/io/h5_tables.hpp"

#include <filesystem>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "nnrec/base/permutation.hpp"

#include "support/bytes_read.hpp"
#include "support/cases.hpp"

namespace nnrec::io {
namespace {

class H5TablesOf : public testing::Cases {};

// D07: 600 ratings in packed chunks of 64. A chunk that did not stay unpacked would be read, and
// unpacked, once for each of its rows.
TEST_F(H5TablesOf, D07RowsInAnyOrderReadEachChunkOnce) {
  const auto path = path_of("D07/gzip.h5");
  const H5Tables tables(path);
  ASSERT_EQ(tables.all().size(), 3U);
  const auto before = testing::bytes_read();
  for (const H5Table& table : tables.all()) {
    const std::uint64_t rows = table.shape[0];
    const Permutation order(rows, 1, Purpose::epoch_order, 0);
    const auto in_file_order = tables.read(table, {0, rows});
    for (std::uint64_t at = 0; at < rows; ++at) {
      EXPECT_THAT(tables.read(table, {order(at), 1}),
                  ::testing::ElementsAre(in_file_order[order(at)]));
    }
  }
  EXPECT_LT(testing::bytes_read() - before, 2 * std::filesystem::file_size(path));
}

}  // namespace
}  // namespace nnrec::io
