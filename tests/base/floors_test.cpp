#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/floor_rules.hpp"

namespace nnrec::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(Floors, TheHouseKeepsItsLaws) {
  EXPECT_THAT(violations_in_tree(NNREC_SOURCE_DIR), IsEmpty());
}

TEST(Floors, AnIncludeOfAHigherFloorIsFound) {
  EXPECT_THAT(violations_in_text("src/nn/a.cpp", "\n#include \"nnrec/train/step.hpp\"\n"),
              ElementsAre("src/nn/a.cpp:2 nn -> train"));
  EXPECT_THAT(violations_in_text("include/nnrec/io/a.hpp", "#include <nnrec/math/b.hpp>\n"),
              ElementsAre("include/nnrec/io/a.hpp:1 io -> math"));
  EXPECT_THAT(violations_in_text("src/base/a.cpp", "#include \"../app/command_line.hpp\"\n"),
              ElementsAre("src/base/a.cpp:1 base -> app"));
}

TEST(Floors, LowerFloorsAndTheOwnFolderAreFree) {
  EXPECT_THAT(violations_in_text("src/train/a.cpp",
                                 "#include <vector>\n#include <fmt/format.h>\n#include \"b.hpp\"\n"
                                 "#include \"nnrec/base/error.hpp\"\n"
                                 "#include \"nnrec/train/c.hpp\"\n#include \"nnrec/comm/d.hpp\"\n"),
              IsEmpty());
}

TEST(Floors, CommandsSeeWhatTheyShareButNotEachOther) {
  for (const char* shared : {"options", "output"}) {
    EXPECT_THAT(violations_in_text("src/app/dist/a.cpp",
                                   fmt::format("#include \"app/{}/b.hpp\"\n", shared)),
                IsEmpty());
  }
  EXPECT_THAT(violations_in_text("src/app/dist/a.cpp", "#include \"app/prep/b.hpp\"\n"),
              ElementsAre("src/app/dist/a.cpp:1 app/dist -> app/prep"));
}

TEST(Floors, WhatTrainsDoesNotSeePeoplesFiles) {
  EXPECT_THAT(violations_in_text("src/train/a.cpp", "#include \"nnrec/import/text.hpp\"\n"),
              ElementsAre("src/train/a.cpp:1 train -> import"));
  EXPECT_THAT(violations_in_text("src/prepare/a.cpp", "#include \"nnrec/import/text.hpp\"\n"),
              IsEmpty());
}

TEST(Floors, SiblingsDoNotSeeEachOther) {
  EXPECT_THAT(violations_in_text("src/features/a.cpp", "#include \"nnrec/import/text.hpp\"\n"),
              ElementsAre("src/features/a.cpp:1 features -> import"));
  EXPECT_THAT(violations_in_text("src/shards/a.cpp", "#include \"nnrec/import/text.hpp\"\n"),
              ElementsAre("src/shards/a.cpp:1 shards -> import"));
}

TEST(Floors, MpiIsSeenByProgramsOnly) {
  const std::string include = "#include \"nnrec/mpi/mpi_session.hpp\"\n";
  EXPECT_THAT(violations_in_text("src/programs/a.cpp", include), IsEmpty());
  EXPECT_THAT(violations_in_text("src/app/a.cpp", include),
              ElementsAre("src/app/a.cpp:1 app -> mpi"));
  EXPECT_THAT(violations_in_text("src/mpi/a.cpp", "#include \"nnrec/shards/a.hpp\"\n"),
              ElementsAre("src/mpi/a.cpp:1 mpi -> shards"));
}

TEST(Floors, WallsAreKept) {
  const auto found = [](const char* path, const char* line) {
    return !violations_in_text(path, line).empty();
  };
  EXPECT_TRUE(found("src/train/a.cpp", "#include <mpi.h>\n"));
  EXPECT_TRUE(found("src/shards/a.cpp", "#include <hdf5.h>\n"));
  EXPECT_TRUE(found("src/shards/a.cpp", "#include <libdeflate.h>\n"));
  EXPECT_TRUE(found("src/run/a.cpp", "#include <simdjson.h>\n"));
  EXPECT_TRUE(found("src/train/a.cpp", "#include <boost/program_options.hpp>\n"));
  EXPECT_TRUE(found("src/nn/a.cpp", "#include <Eigen/Dense>\n"));
  EXPECT_TRUE(found("src/nn/a.cpp", "#include <hwy/highway.h>\n"));
  EXPECT_TRUE(found("src/nn/a.cpp", "  #pragma omp parallel for\n"));
  EXPECT_TRUE(found("src/nn/a.cpp", "#include <omp.h>\n"));
  EXPECT_TRUE(found("src/app/a.cpp", "int run(int argc, char** argv);\n"));
  EXPECT_TRUE(found("src/app/a.cpp", "std::exit(1);\n"));
  EXPECT_TRUE(found("include/nnrec/mpi/a.hpp", "#include <mpi.h>\n"));
  EXPECT_TRUE(found("tests/train/a_test.cpp", "#include <mpi.h>\n"));
  EXPECT_FALSE(found("tests/mpi/a.cpp", "#include <mpi.h>\n"));
  EXPECT_FALSE(found("src/mpi/a.cpp", "#include <mpi.h>\n"));
  EXPECT_FALSE(found("src/app/a.cpp", "return exit_code(kind);  // argv is not here\n"));
}

TEST(Floors, LongFilesAndUnknownFoldersAreFound) {
  EXPECT_THAT(violations_in_text("src/io/a.cpp", std::string(601, '\n')),
              ElementsAre("src/io/a.cpp: 601 lines, at most 600"));
  EXPECT_THAT(violations_in_text("src/attic/a.cpp", "\n"),
              ElementsAre("src/attic/a.cpp: \"attic\" is no floor"));
}

}  // namespace
}  // namespace nnrec::test
