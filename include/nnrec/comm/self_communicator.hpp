#pragma once

#include <string>
#include <utility>
#include <vector>

#include "nnrec/comm/aligned_bytes.hpp"
#include "nnrec/comm/communicator.hpp"

namespace nnrec::comm {

/// One rank on its own: every collective is done at once.
class SelfCommunicator final : public Communicator {
 public:
  SelfCommunicator() = default;
  /// With what library() is to name.
  explicit SelfCommunicator(std::string library) : library_(std::move(library)) {}

  int rank() const noexcept override { return 0; }
  int size() const noexcept override { return 1; }
  int node_rank() const noexcept override { return 0; }
  int node_size() const noexcept override { return 1; }
  int node_count() const noexcept override { return 1; }
  int node() const noexcept override { return 0; }
  int node_first() const noexcept override { return 0; }
  std::string library() const override { return library_; }

  void barrier() override {}
  void sum(std::span<std::int64_t>) override {}
  void maximum(std::span<std::int64_t>) override {}
  void broadcast(std::span<std::byte> bytes, int root) override;
  std::vector<std::string> gather_all(const std::string& text) override { return {text}; }
  std::span<std::byte> node_array(std::size_t bytes) override;
  void node_barrier() override {}
  void free_node_arrays(std::size_t keep) override;
  std::size_t node_arrays() const noexcept override { return arrays_.size(); }
  void sum_over_nodes(std::span<std::int64_t>) override {}
  void copy_to_nodes(std::span<std::byte>) override {}
  void swap_between_nodes(const NodeParts&, const NodeParts&) override {}

 private:
  std::string library_;
  std::vector<AlignedBytes> arrays_;
};

}  // namespace nnrec::comm
