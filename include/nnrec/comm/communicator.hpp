#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace nnrec::comm {

/// Parts of a node array, one a node. Begins and lengths are multiples of kUnit bytes.
struct NodeParts {
  static constexpr std::size_t kUnit = 64;
  static constexpr std::size_t padded(std::size_t bytes) {
    return (bytes + kUnit - 1) / kUnit * kUnit;
  }
  std::span<std::byte> memory;
  std::span<const std::size_t> begins;
  std::span<const std::size_t> bytes;

  std::span<std::byte> of(std::size_t node) const {
    return memory.subspan(begins[node], bytes[node]);
  }
};

/// What ranks can do together. Two implementations keep one contract, self (one rank) and MPI, and
/// a third in the tests, whose ranks are threads of one process. All members except
/// rank, size, library and what only counts nodes are collective: every rank calls the same ones in
/// the same order with the same counts. A rank that fails ends the job: under MPI its program
/// aborts all. A rank that calls something else is not detected by MPI (the tests' threads name
/// it): what decides the calls must be agreed on first (agree, agree_on_text).
class Communicator {
 public:
  Communicator() = default;
  Communicator(const Communicator&) = delete;
  Communicator& operator=(const Communicator&) = delete;
  virtual ~Communicator() = default;

  virtual int rank() const noexcept = 0;
  virtual int size() const noexcept = 0;
  /// Rank and number of ranks among those that share memory with this one.
  virtual int node_rank() const noexcept = 0;
  virtual int node_size() const noexcept = 0;
  /// Nodes stand in the order of their lowest rank. node_first() is the number of ranks on those
  /// before this one's, node(): node_first() + node_rank() numbers all ranks, those of a node in a
  /// row.
  virtual int node_count() const noexcept = 0;
  virtual int node() const noexcept = 0;
  virtual int node_first() const noexcept = 0;
  /// Name and version of the library that carries the messages; empty where none is needed.
  virtual std::string library() const { return {}; }

  virtual void barrier() = 0;
  /// In place; on return every rank has the element-wise sum over ranks (wraps are the caller's to
  /// exclude: see FixedPoint). Any length up to 2^40, the same on every rank.
  virtual void sum(std::span<std::int64_t> values) = 0;
  /// In place; on return every rank has the element-wise maximum.
  virtual void maximum(std::span<std::int64_t> values) = 0;
  /// On return every rank has root's bytes. The length is the same on every rank.
  virtual void broadcast(std::span<std::byte> bytes, int root) = 0;
  /// Every rank's text, in rank order, on every rank. Lengths may differ.
  virtual std::vector<std::string> gather_all(const std::string& text) = 0;
  /// One zeroed array of `bytes` bytes for all ranks of a node (64-byte aligned): each rank of the
  /// node gets the same memory. Writers and readers are ordered by node_barrier. Lives as long as
  /// the communicator. Collective over the node: `bytes` is the same on its ranks, and nodes may
  /// have other arrays. Throws IoError when memory is short.
  virtual std::span<std::byte> node_array(std::size_t bytes) = 0;
  virtual void node_barrier() = 0;
  /// Gives back all node arrays but the first `keep`. Collective over the node.
  virtual void free_node_arrays(std::size_t keep) = 0;
  virtual std::size_t node_arrays() const noexcept = 0;

  // In these, every rank of a node names the same part of a node array, of one length on all nodes.
  // What the ranks of a node wrote there before is ordered by node_barrier; on return all may read.

  /// On return every node has the element-wise sum over nodes. One rank a node sends.
  virtual void sum_over_nodes(std::span<std::int64_t> values) = 0;
  /// On return every node has the bytes of rank 0's.
  virtual void copy_to_nodes(std::span<std::byte> bytes) = 0;
  /// Part n of `outgoing` goes to node n; on return part n of `incoming` holds what node n sent
  /// here, which says the same length. The node's own parts are left alone; parts of `outgoing` may
  /// be one and the same. One rank a node sends.
  virtual void swap_between_nodes(const NodeParts& outgoing, const NodeParts& incoming) = 0;
};

}  // namespace nnrec::comm
