#include "nnrec/comm/communicator.hpp"

#include <ostream>
#include <tuple>

#include <gtest/gtest.h>

#include "nnrec/comm/self_communicator.hpp"

#include "comm/contract.hpp"
#include "support/thread_communicator.hpp"

namespace nnrec::comm {
namespace {

struct Layout {
  int size;
  int ranks_per_node;
};

// GoogleTest shows parameters in test lists; bytes and addresses would say nothing there.
void PrintTo(const Layout& layout, std::ostream* out) {
  *out << layout.size << " ranks, " << layout.ranks_per_node << " a node";
}

class CommunicatorContract : public testing::TestWithParam<std::tuple<contract::Promise, Layout>> {
};

/// Size 0 stands for the communicator of one rank without threads.
TEST_P(CommunicatorContract, IsKept) {
  const auto& [promise, layout] = GetParam();
  if (layout.size == 0) {
    SelfCommunicator self;
    EXPECT_NO_THROW(promise.check(self));
    return;
  }
  EXPECT_NO_THROW(test::run_ranks(layout.size, promise.check, layout.ranks_per_node));
}

std::string test_name(const testing::TestParamInfo<CommunicatorContract::ParamType>& parameter) {
  const auto& [promise, layout] = parameter.param;
  if (layout.size == 0) return fmt::format("{}Self", promise.name);
  const std::string nodes =
      layout.ranks_per_node == 0 ? "" : fmt::format("Nodes{}", layout.ranks_per_node);
  return fmt::format("{}Ranks{}{}", promise.name, layout.size, nodes);
}

INSTANTIATE_TEST_SUITE_P(All, CommunicatorContract,
                         testing::Combine(testing::ValuesIn(contract::promises()),
                                          testing::Values(Layout{0, 0}, Layout{1, 0}, Layout{2, 0},
                                                          Layout{3, 0}, Layout{4, 0}, Layout{8, 0},
                                                          Layout{4, 1}, Layout{4, 2},
                                                          Layout{8, 3})),
                         test_name);

}  // namespace
}  // namespace nnrec::comm
