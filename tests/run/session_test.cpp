#include "nnrec/run/session.hpp"

#include <array>

#include <gtest/gtest.h>

#include "support/temporary_folder.hpp"
#include "support/thread_communicator.hpp"
#include "support/tiny_data.hpp"

namespace nnrec::run {
namespace {

TEST(Session, RanksOfANodeHoldOneCatalogue) {
  const testing::TemporaryFolder folder;
  testing::make_tiny_set(folder / "set", 11, 13, 400);
  RunOptions options;
  options.data = (folder / "set").string();
  options.variant = "enriched,complex";
  options.threads = 1;
  const StopSignals signals;
  std::array<const std::uint32_t*, 4> words{};
  std::array<const std::uint32_t*, 4> genres{};
  test::run_ranks(
      4,
      [&](comm::Communicator& ranks) {
        Log log = Log::silent();
        const Session session(options, {}, ranks, signals, log);
        const auto rank = static_cast<std::size_t>(ranks.rank());
        words.at(rank) = session.features().title_words(0).data();
        genres.at(rank) = session.features().genre_slots(0).data();
        EXPECT_EQ(session.row_names().users.size(), rank == 0 ? 11U : 0U);
      },
      2);
  for (const auto& column : {words, genres}) {
    EXPECT_EQ(column[0], column[1]);
    EXPECT_EQ(column[2], column[3]);
    EXPECT_NE(column[0], column[2]) << "of the other node";
  }
}

}  // namespace
}  // namespace nnrec::run
