#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "nnrec/base/error.hpp"

namespace nnrec::testing {

/// Expects `action` to throw an nnrec::Error of `kind` whose message matches (a gmock matcher).
template <typename Action, typename Matcher>
void expect_error(ErrorKind kind, const Matcher& message, const Action& action) {
  try {
    action();
    ADD_FAILURE() << "no error was thrown";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), kind) << error.what();
    EXPECT_THAT(std::string(error.what()), message);
  }
}

}  // namespace nnrec::testing
