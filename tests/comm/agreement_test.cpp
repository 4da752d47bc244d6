#include "nnrec/comm/agreement.hpp"

#include <array>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "nnrec/comm/self_communicator.hpp"

#include "support/expect_error.hpp"
#include "support/thread_communicator.hpp"

// What agree() itself promises is part of the communicators' contract (contract.hpp).

namespace nnrec::comm {
namespace {

using ::testing::AllOf;
using testing::expect_error;
using ::testing::HasSubstr;
using ::testing::StrEq;

TEST(Agreement, EveryKindOfErrorKeepsItsKindAndItsWords) {
  SelfCommunicator self;
  for (const ErrorKind kind : {ErrorKind::input, ErrorKind::usage, ErrorKind::io, ErrorKind::peer,
                               ErrorKind::internal, ErrorKind::interrupted}) {
    expect_error(kind, StrEq("braces {} and {0} stay"),
                 [&] { agree(self, [&] { throw Error(kind, "braces {} and {0} stay"); }); });
  }
}

TEST(Agreement, EqualTextsPassOnAnyNumberOfRanks) {
  for (const int size : {1, 2, 8})
    test::run_ranks(size, [](Communicator& ranks) {
      EXPECT_NO_THROW(agree_on_text(ranks, ErrorKind::usage, "the options", "epochs = 3\n"));
      EXPECT_NO_THROW(agree_on_text(ranks, ErrorKind::usage, "nothing", ""));
    });
}

TEST(Agreement, TheFirstTextThatDiffersIsShownOnAllRanksBesideThatOfRank0) {
  std::array<std::string, 4> errors;
  test::run_ranks(4, [&](Communicator& ranks) {
    const std::string own =
        ranks.rank() < 2 ? "epochs = 3" : fmt::format("epochs = {{{}}}", ranks.rank());
    try {
      agree_on_text(ranks, ErrorKind::input, "the configuration", own);
    } catch (const AgreedError& error) {
      EXPECT_EQ(error.kind(), ErrorKind::input);
      errors[static_cast<std::size_t>(ranks.rank())] = error.what();
    }
  });
  for (const std::string& error : errors)
    EXPECT_THAT(error,
                AllOf(HasSubstr("the configuration differs"), HasSubstr("rank 0 has\nepochs = 3\n"),
                      HasSubstr("rank 2 has\nepochs = {2}\n")));
}

TEST(Agreement, AnEmptyTextBesideAnotherOneDiffers) {
  expect_error(ErrorKind::usage, HasSubstr("rank 1 has\n"), [] {
    test::run_ranks(2, [](Communicator& ranks) {
      agree_on_text(ranks, ErrorKind::usage, "the data", ranks.rank() == 0 ? "a" : "");
    });
  });
}

}  // namespace
}  // namespace nnrec::comm
