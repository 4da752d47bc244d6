#include "nnrec/base/sha256.hpp"

#include <gtest/gtest.h>

namespace nnrec {
namespace {

// FIPS 180-4 example values.
TEST(Sha256, AgreesWithTheStandardExamples) {
  Sha256 empty;
  EXPECT_EQ(empty.hex_digest(), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  Sha256 pieces;
  pieces.update(std::string("a"));
  pieces.update(std::string("bc"));
  EXPECT_EQ(pieces.hex_digest(),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

}  // namespace
}  // namespace nnrec
