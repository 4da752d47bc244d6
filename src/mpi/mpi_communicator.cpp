#include "mpi_communicator.hpp"

#include <algorithm>
#include <array>
#include <climits>
#include <cstring>
#include <filesystem>
#include <memory>
#include <system_error>
#include <utility>
#include <vector>

#include "nnrec/base/cores.hpp"
#include "nnrec/comm/launch.hpp"
#include "nnrec/comm/node_piece.hpp"

#include "mpi_check.hpp"

namespace nnrec::mpi {
namespace {

constexpr std::size_t kAlignment = 64;

/// Calls `send(piece)` for consecutive pieces of at most `most` elements; an empty span sends none.
template <typename T, typename Send>
void in_pieces(std::span<T> values, int most, const Send& send) {
  while (!values.empty()) {
    const auto piece = values.first(std::min(values.size(), static_cast<std::size_t>(most)));
    send(piece);
    values = values.subspan(piece.size());
  }
}

/// Start of every text in the gathered row; one more entry holds the total.
std::vector<int> text_offsets(const std::vector<long long>& lengths) {
  std::vector<int> offsets{0};
  long long total = 0;
  for (const long long length : lengths) {
    total += length;
    // Every rank sees the same lengths, so all throw together.
    if (total > INT_MAX) throw InternalError("gather_all of {} bytes; at most {}", total, INT_MAX);
    offsets.push_back(static_cast<int>(total));
  }
  return offsets;
}

/// MPI calls it an internal error when the file system of shared memory is too small.
void check_allocated(int code, std::size_t bytes) {
  try {
    check(code, "MPI_Win_allocate_shared");
  } catch (const IoError& error) {
    constexpr const char* kSharedMemory = "/dev/shm";
    std::error_code unknown;
    const auto space = std::filesystem::space(kSharedMemory, unknown);
    // With room there something else refused: the process's own limit, or the machine's memory. Or
    // what was taken has been given back by now.
    if (unknown || space.available > bytes + kAlignment)
      throw IoError(
          "{} bytes for a node: {}. Memory is short, or limited (ulimit -v, a control group); or "
          "{}, where its ranks share memory, has no room for what MPI keeps there beside them "
          "(--shm-size).",
          bytes, error.what(), kSharedMemory);
    throw IoError(
        "{} bytes for a node: {}. {}, where its ranks share memory, has {} bytes, {} of them free: "
        "start the container with a larger one (--shm-size), or mount a larger one.",
        bytes, error.what(), kSharedMemory, space.capacity, space.available);
  }
}

/// Whether the ranks of a node together may use as many cores as they are. Collective.
bool have_a_core_each(MPI_Comm node, int ranks) {
  std::vector<std::uint8_t> allowed(kMostCores, 0);
  for (const int core : allowed_cores()) allowed[static_cast<std::size_t>(core)] = 1;
  check(MPI_Allreduce(MPI_IN_PLACE, allowed.data(), kMostCores, MPI_UINT8_T, MPI_MAX, node),
        "MPI_Allreduce");
  return std::ranges::count(allowed, 1) >= ranks;
}

}  // namespace

MpiCommunicator::MpiCommunicator(int piece_elements) : piece_elements_(piece_elements) {
  check(MPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_RETURN), "MPI_Comm_set_errhandler");
  check(MPI_Comm_dup(MPI_COMM_WORLD, &world_), "MPI_Comm_dup");
  check(MPI_Comm_set_errhandler(world_, MPI_ERRORS_RETURN), "MPI_Comm_set_errhandler");
  check(MPI_Comm_split_type(world_, MPI_COMM_TYPE_SHARED, 0, MPI_INFO_NULL, &node_),
        "MPI_Comm_split_type");
  check(MPI_Comm_set_errhandler(node_, MPI_ERRORS_RETURN), "MPI_Comm_set_errhandler");
  check(MPI_Comm_rank(world_, &rank_), "MPI_Comm_rank");
  check(MPI_Comm_size(world_, &size_), "MPI_Comm_size");
  check(MPI_Comm_rank(node_, &node_rank_), "MPI_Comm_rank");
  check(MPI_Comm_size(node_, &node_size_), "MPI_Comm_size");
  number_nodes();
  using comm::SharedBarrier;
  std::byte* const memory = take_node_bytes(sizeof(SharedBarrier::Memory));
  if (node_rank_ == 0) std::memset(memory, 0, sizeof(SharedBarrier::Memory));
  barrier_.emplace(*reinterpret_cast<SharedBarrier::Memory*>(memory), node_size_,
                   have_a_core_each(node_, node_size_) ? SharedBarrier::Patience::long_looks
                                                       : SharedBarrier::Patience::short_looks);
  check(MPI_Barrier(node_), "MPI_Barrier");  // nobody waits at a barrier that is not zeroed yet
}

void MpiCommunicator::number_nodes() {
  const int is_first = node_rank_ == 0 ? 0 : MPI_UNDEFINED;
  check(MPI_Comm_split(world_, is_first, rank_, &first_ranks_), "MPI_Comm_split");
  std::array<int, 3> place{1, 0, 0};
  if (first_ranks_ != MPI_COMM_NULL) {
    check(MPI_Comm_set_errhandler(first_ranks_, MPI_ERRORS_RETURN), "MPI_Comm_set_errhandler");
    check(MPI_Comm_size(first_ranks_, &place[0]), "MPI_Comm_size");
    int up_to_here = 0;
    check(MPI_Scan(&node_size_, &up_to_here, 1, MPI_INT, MPI_SUM, first_ranks_), "MPI_Scan");
    place[1] = up_to_here - node_size_;
    check(MPI_Comm_rank(first_ranks_, &place[2]), "MPI_Comm_rank");
  }
  check(MPI_Bcast(place.data(), static_cast<int>(place.size()), MPI_INT, 0, node_), "MPI_Bcast");
  node_count_ = place[0];
  node_first_ = place[1];
  node_index_ = place[2];
  check(MPI_Type_contiguous(comm::NodeParts::kUnit, MPI_BYTE, &unit_), "MPI_Type_contiguous");
  check(MPI_Type_commit(&unit_), "MPI_Type_commit");
}

void MpiCommunicator::barrier() {
  check(MPI_Barrier(world_), "MPI_Barrier");
}

void MpiCommunicator::reduce(std::span<std::int64_t> values, MPI_Op operation, MPI_Comm among) {
  in_pieces(values, piece_elements_, [&](std::span<std::int64_t> piece) {
    check(MPI_Allreduce(MPI_IN_PLACE, piece.data(), static_cast<int>(piece.size()), MPI_INT64_T,
                        operation, among),
          "MPI_Allreduce");
  });
}

void MpiCommunicator::broadcast(std::span<std::byte> bytes, int root, MPI_Comm among) {
  in_pieces(bytes, piece_elements_, [&](std::span<std::byte> piece) {
    check(MPI_Bcast(piece.data(), static_cast<int>(piece.size()), MPI_BYTE, root, among),
          "MPI_Bcast");
  });
}

void MpiCommunicator::broadcast(std::span<std::byte> bytes, int root) {
  if (root < 0 || root >= size_)
    throw InternalError("broadcast from rank {} among {} ranks", root, size_);
  broadcast(bytes, root, world_);
}

void MpiCommunicator::sum_over_nodes(std::span<std::int64_t> values) {
  if (node_count_ == 1) return;
  if (node_rank_ == 0) reduce(values, MPI_SUM, first_ranks_);
  node_barrier();
}

/// Rank 0 is the first of the first node.
void MpiCommunicator::copy_to_nodes(std::span<std::byte> bytes) {
  if (node_count_ == 1) return;
  if (node_rank_ == 0) broadcast(bytes, 0, first_ranks_);
  node_barrier();
}

namespace {

/// Begins and lengths as MPI wants them: in units, of which an int counts 128 GiB.
struct UnitParts {
  std::vector<int> begins;
  std::vector<int> counts;

  UnitParts(const comm::NodeParts& parts, int own) {
    for (std::size_t node = 0; node < parts.bytes.size(); ++node) {
      begins.push_back(in_units(parts.begins[node]));
      counts.push_back(std::cmp_equal(node, own) ? 0 : in_units(parts.bytes[node]));
    }
  }
  static int in_units(std::size_t bytes) {
    const std::size_t units = bytes / comm::NodeParts::kUnit;
    if (bytes % comm::NodeParts::kUnit != 0 || units > INT_MAX)
      throw InternalError("a part of {} bytes between nodes", bytes);
    return static_cast<int>(units);
  }
};

}  // namespace

void MpiCommunicator::swap_between_nodes(const comm::NodeParts& outgoing,
                                         const comm::NodeParts& incoming) {
  if (node_count_ == 1) return;
  if (node_rank_ == 0) {
    const UnitParts out(outgoing, node_index_);
    const UnitParts in(incoming, node_index_);
    check(MPI_Alltoallv(outgoing.memory.data(), out.counts.data(), out.begins.data(), unit_,
                        incoming.memory.data(), in.counts.data(), in.begins.data(), unit_,
                        first_ranks_),
          "MPI_Alltoallv");
  }
  node_barrier();
}

std::vector<std::string> MpiCommunicator::gather_all(const std::string& text) {
  const auto own_length = static_cast<long long>(text.size());
  std::vector<long long> lengths(static_cast<std::size_t>(size_));
  check(MPI_Allgather(&own_length, 1, MPI_LONG_LONG, lengths.data(), 1, MPI_LONG_LONG, world_),
        "MPI_Allgather");
  const std::vector<int> offsets = text_offsets(lengths);
  const std::vector<int> counts(lengths.begin(), lengths.end());
  std::string row(static_cast<std::size_t>(offsets.back()), '\0');
  check(MPI_Allgatherv(text.data(), counts[static_cast<std::size_t>(rank_)], MPI_CHAR, row.data(),
                       counts.data(), offsets.data(), MPI_CHAR, world_),
        "MPI_Allgatherv");
  std::vector<std::string> texts;
  for (std::size_t i = 0; i < counts.size(); ++i)
    texts.push_back(
        row.substr(static_cast<std::size_t>(offsets[i]), static_cast<std::size_t>(counts[i])));
  return texts;
}

std::span<std::byte> MpiCommunicator::node_array(std::size_t bytes) {
  std::byte* const start = take_node_bytes(bytes);
  arrays_.push_back(
      {windows_.size() - 1, static_cast<std::size_t>(start - windows_.back().memory.data())});
  if (node_rank_ == 0) std::memset(start, 0, bytes);
  node_barrier();  // nobody reads before
  return {start, bytes};
}

/// Aligned, from the last window or a new one. Collective over the node.
std::byte* MpiCommunicator::take_node_bytes(std::size_t bytes) {
  const std::size_t room = (bytes + kAlignment - 1) / kAlignment * kAlignment;
  // To make or to free a window takes meetings of MPI, which cost milliseconds each where ranks
  // outnumber cores, and a small model's arrays are some twenty.
  if (windows_.empty() || windows_.back().memory.size() - windows_.back().used < room)
    windows_.push_back(make_window(std::max(room, comm::kNodePiece)));
  Window& last = windows_.back();
  return last.memory.data() + std::exchange(last.used, last.used + room);
}

MpiCommunicator::Window MpiCommunicator::make_window(std::size_t bytes) const {
  // The node's first rank holds it all, with room to move the start to an aligned address. Windows
  // are mapped at whole pages, so that every rank moves it by the same distance.
  const std::size_t room = node_rank_ == 0 ? bytes + kAlignment : 0;
  void* start = nullptr;
  MPI_Win window = MPI_WIN_NULL;
  check_allocated(MPI_Win_allocate_shared(static_cast<MPI_Aint>(room), 1, MPI_INFO_NULL, node_,
                                          &start, &window),
                  bytes);
  check(MPI_Win_set_errhandler(window, MPI_ERRORS_RETURN), "MPI_Win_set_errhandler");
  MPI_Aint size = 0;
  int unit = 0;
  check(MPI_Win_shared_query(window, 0, &size, &unit, &start), "MPI_Win_shared_query");
  // One access epoch for the window's whole life.
  check(MPI_Win_lock_all(MPI_MODE_NOCHECK, window), "MPI_Win_lock_all");
  auto space = static_cast<std::size_t>(size);
  if (std::align(kAlignment, bytes, start, space) == nullptr)
    throw InternalError("a window of {} bytes got {} bytes", bytes, size);
  return {window, {static_cast<std::byte*>(start), bytes}, 0};
}

void MpiCommunicator::free_node_arrays(std::size_t keep) {
  if (arrays_.size() <= keep) return;
  for (; arrays_.size() > keep; arrays_.pop_back())
    windows_[arrays_.back().window].used = arrays_.back().begin;
  node_barrier();  // nobody is still at what is handed out again
  free_windows(arrays_.empty() ? 1 : arrays_.back().window + 1);
}

void MpiCommunicator::free_windows(std::size_t keep) {
  for (; windows_.size() > keep; windows_.pop_back()) {
    check(MPI_Win_unlock_all(windows_.back().handle), "MPI_Win_unlock_all");
    check(MPI_Win_free(&windows_.back().handle), "MPI_Win_free");
  }
}

void MpiCommunicator::free() {
  free_windows(0);
  check(MPI_Type_free(&unit_), "MPI_Type_free");
  if (first_ranks_ != MPI_COMM_NULL) check(MPI_Comm_free(&first_ranks_), "MPI_Comm_free");
  check(MPI_Comm_free(&node_), "MPI_Comm_free");
  check(MPI_Comm_free(&world_), "MPI_Comm_free");
}

}  // namespace nnrec::mpi
