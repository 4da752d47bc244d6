#include "nnrec/comm/self_communicator.hpp"

#include "nnrec/base/error.hpp"

namespace nnrec::comm {

void SelfCommunicator::broadcast(std::span<std::byte>, int root) {
  if (root != 0) throw InternalError("broadcast from rank {} among 1 rank", root);
}

std::span<std::byte> SelfCommunicator::node_array(std::size_t bytes) {
  return arrays_.emplace_back(bytes).span();
}

void SelfCommunicator::free_node_arrays(std::size_t keep) {
  while (arrays_.size() > keep) arrays_.pop_back();
}

}  // namespace nnrec::comm
