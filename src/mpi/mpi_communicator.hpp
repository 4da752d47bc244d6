#pragma once

#include <optional>
#include <string>
#include <vector>

#include <mpi.h>

#include "nnrec/comm/communicator.hpp"
#include "nnrec/comm/shared_barrier.hpp"
#include "nnrec/mpi/mpi_session.hpp"

namespace nnrec::mpi {

/// The ranks of an MPI job. Arrays longer than a piece cross in several calls, because MPI counts
/// in int. Node arrays are parts of MPI shared windows. Calls that differ between ranks are not
/// detected here: MPI does not tell.
class MpiCommunicator final : public comm::Communicator {
 public:
  /// Collective over MPI_COMM_WORLD. Requires piece_elements > 0.
  explicit MpiCommunicator(int piece_elements);

  int rank() const noexcept override { return rank_; }
  int size() const noexcept override { return size_; }
  int node_rank() const noexcept override { return node_rank_; }
  int node_size() const noexcept override { return node_size_; }
  int node_count() const noexcept override { return node_count_; }
  int node() const noexcept override { return node_index_; }
  int node_first() const noexcept override { return node_first_; }

  std::string library() const override { return mpi::library(); }
  void barrier() override;
  void sum(std::span<std::int64_t> values) override { reduce(values, MPI_SUM, world_); }
  void maximum(std::span<std::int64_t> values) override { reduce(values, MPI_MAX, world_); }
  void broadcast(std::span<std::byte> bytes, int root) override;
  std::vector<std::string> gather_all(const std::string& text) override;
  std::span<std::byte> node_array(std::size_t bytes) override;
  void node_barrier() override { barrier_->wait(); }
  void free_node_arrays(std::size_t keep) override;
  std::size_t node_arrays() const noexcept override { return arrays_.size(); }
  void sum_over_nodes(std::span<std::int64_t> values) override;
  void copy_to_nodes(std::span<std::byte> bytes) override;
  void swap_between_nodes(const comm::NodeParts& outgoing,
                          const comm::NodeParts& incoming) override;

  /// Frees windows and communicators. Collective, so not in the destructor.
  void free();

 private:
  /// Memory of the node, handed out from its start on.
  struct Window {
    MPI_Win handle = MPI_WIN_NULL;
    std::span<std::byte> memory;
    std::size_t used = 0;  ///< bytes
  };
  struct NodeArray {
    std::size_t window = 0;
    std::size_t begin = 0;
  };

  void number_nodes();
  void reduce(std::span<std::int64_t> values, MPI_Op operation, MPI_Comm among);
  void broadcast(std::span<std::byte> bytes, int root, MPI_Comm among);
  std::byte* take_node_bytes(std::size_t bytes);
  Window make_window(std::size_t bytes) const;
  void free_windows(std::size_t keep);

  int piece_elements_;
  MPI_Comm world_ = MPI_COMM_NULL;
  MPI_Comm node_ = MPI_COMM_NULL;
  MPI_Comm first_ranks_ = MPI_COMM_NULL;   ///< of the nodes; null on other ranks
  MPI_Datatype unit_ = MPI_DATATYPE_NULL;  ///< comm::NodeParts::kUnit bytes
  std::vector<Window> windows_;
  std::vector<NodeArray> arrays_;
  std::optional<comm::SharedBarrier> barrier_;  ///< where the first window begins
  int rank_ = 0;
  int size_ = 1;
  int node_rank_ = 0;
  int node_size_ = 1;
  int node_count_ = 1;
  int node_index_ = 0;
  int node_first_ = 0;
};

}  // namespace nnrec::mpi
