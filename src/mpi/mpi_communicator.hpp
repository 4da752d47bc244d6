#pragma once

#include <string>
#include <vector>

#include <mpi.h>

#include "nnrec/comm/communicator.hpp"

namespace nnrec::mpi {

/// The ranks of an MPI job. Arrays longer than a piece cross in several calls, because MPI counts
/// in int. Node arrays are MPI shared windows. Calls that differ between ranks are not detected
/// here: MPI does not tell.
class MpiCommunicator final : public comm::Communicator {
 public:
  /// Collective over MPI_COMM_WORLD. Requires piece_elements > 0.
  explicit MpiCommunicator(int piece_elements);

  int rank() const noexcept override { return rank_; }
  int size() const noexcept override { return size_; }
  int node_rank() const noexcept override { return node_rank_; }
  int node_size() const noexcept override { return node_size_; }

  void barrier() override;
  void sum(std::span<std::int64_t> values) override { reduce(values, MPI_SUM); }
  void maximum(std::span<std::int64_t> values) override { reduce(values, MPI_MAX); }
  void broadcast(std::span<std::byte> bytes, int root) override;
  std::vector<std::string> gather_all(const std::string& text) override;
  std::span<std::byte> node_array(std::size_t bytes) override;
  void node_barrier() override;

  /// Frees windows and communicators. Collective, so not in the destructor.
  void free();

 private:
  void reduce(std::span<std::int64_t> values, MPI_Op operation);
  void synchronise_windows();

  int piece_elements_;
  MPI_Comm world_ = MPI_COMM_NULL;
  MPI_Comm node_ = MPI_COMM_NULL;
  std::vector<MPI_Win> windows_;
  int rank_ = 0;
  int size_ = 1;
  int node_rank_ = 0;
  int node_size_ = 1;
};

}  // namespace nnrec::mpi
