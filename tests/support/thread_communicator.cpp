#include "support/thread_communicator.hpp"

#include <algorithm>
#include <cstring>
#include <exception>
#include <memory>
#include <system_error>
#include <thread>

#include "nnrec/base/current_error.hpp"
#include "nnrec/comm/aligned_bytes.hpp"

#include "support/meeting_room.hpp"

namespace nnrec::test {
namespace {

using Brought = std::span<void* const>;

/// One rank's view of the room. What a rank brings is a pointer to its own argument, which stays
/// alive because the rank waits until the work is done.
class ThreadCommunicator final : public comm::Communicator {
 public:
  ThreadCommunicator(MeetingRoom& room, int rank, Group all, const Group& node, Group nodes)
      : room_(room), rank_(rank), nodes_(nodes), all_(all), node_(node) {}

  int rank() const noexcept override { return rank_; }
  int size() const noexcept override { return all_.size; }
  int node_rank() const noexcept override { return rank_ - node_.first; }
  int node_size() const noexcept override { return node_.size; }
  int node_count() const noexcept override { return nodes_.size; }
  int node() const noexcept override { return nodes_.first; }
  int node_first() const noexcept override { return node_.first; }

  void barrier() override {
    room_.meet(rank_, all_, {"barrier"}, nullptr, [](Brought) {});
  }
  void node_barrier() override {
    room_.meet(rank_, node_, {"node_barrier"}, nullptr, [](Brought) {});
  }
  void sum(std::span<std::int64_t> values) override;
  void maximum(std::span<std::int64_t> values) override;
  void broadcast(std::span<std::byte> bytes, int root) override;
  std::vector<std::string> gather_all(const std::string& text) override;
  std::span<std::byte> node_array(std::size_t bytes) override;
  void free_node_arrays(std::size_t keep) override;
  std::size_t node_arrays() const noexcept override { return arrays_.size(); }
  void sum_over_nodes(std::span<std::int64_t> values) override;
  void copy_to_nodes(std::span<std::byte> bytes) override;
  void swap_between_nodes(const comm::NodeParts& outgoing,
                          const comm::NodeParts& incoming) override;

 private:
  /// What a rank brings where each node has one array.
  void* once_a_node(void* array) const { return node_rank() == 0 ? array : nullptr; }
  template <typename Combine>
  void reduce(const char* operation, std::span<std::int64_t> values, Combine combine);

  MeetingRoom& room_;
  int rank_;
  Group nodes_;  ///< first: this one
  Group all_;
  Group node_;
  std::vector<std::shared_ptr<comm::AlignedBytes>> arrays_;
};

template <typename Combine>
void ThreadCommunicator::reduce(const char* operation, std::span<std::int64_t> values,
                                Combine combine) {
  const std::size_t count = values.size();
  room_.meet(rank_, all_, {operation, count}, values.data(), [&](Brought brought) {
    auto* first = static_cast<std::int64_t*>(brought.front());
    for (void* other : brought.subspan(1)) {
      const auto* row = static_cast<const std::int64_t*>(other);
      for (std::size_t i = 0; i < count; ++i) first[i] = combine(first[i], row[i]);
    }
    for (void* other : brought.subspan(1))
      std::copy_n(first, count, static_cast<std::int64_t*>(other));
  });
}

void ThreadCommunicator::sum(std::span<std::int64_t> values) {
  reduce("sum", values, [](std::int64_t a, std::int64_t b) {
    // Unsigned: a wrap, which the caller excludes, is at least not undefined.
    return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) + static_cast<std::uint64_t>(b));
  });
}

void ThreadCommunicator::maximum(std::span<std::int64_t> values) {
  reduce("maximum", values, [](std::int64_t a, std::int64_t b) { return std::max(a, b); });
}

void ThreadCommunicator::broadcast(std::span<std::byte> bytes, int root) {
  if (root < 0 || root >= size())
    throw InternalError("broadcast from rank {} among {} ranks", root, size());
  const std::size_t count = bytes.size();
  room_.meet(rank_, all_, {"broadcast", count, root}, bytes.data(), [&](Brought brought) {
    const auto* source = static_cast<const std::byte*>(brought[static_cast<std::size_t>(root)]);
    for (void* target : brought)
      if (target != source) std::copy_n(source, count, static_cast<std::byte*>(target));
  });
}

std::vector<std::string> ThreadCommunicator::gather_all(const std::string& text) {
  struct Exchange {
    const std::string* text;
    std::vector<std::string> all;
  } own{&text, {}};
  room_.meet(rank_, all_, {"gather_all"}, &own, [](Brought brought) {
    std::vector<std::string> all;
    for (const void* one : brought) all.push_back(*static_cast<const Exchange*>(one)->text);
    for (void* one : brought) static_cast<Exchange*>(one)->all = all;
  });
  return std::move(own.all);
}

std::span<std::byte> ThreadCommunicator::node_array(std::size_t bytes) {
  std::shared_ptr<comm::AlignedBytes> own;
  room_.meet(rank_, node_, {"node_array", bytes}, &own, [bytes](Brought brought) {
    std::shared_ptr<comm::AlignedBytes> shared;
    try {
      shared = std::make_shared<comm::AlignedBytes>(bytes);
    } catch (const IoError&) {
      // Nothing is lost: every rank, this one included, finds no array and throws.
    }
    for (void* one : brought) *static_cast<std::shared_ptr<comm::AlignedBytes>*>(one) = shared;
  });
  if (!own) throw IoError("cannot allocate a node array of {} bytes: out of memory", bytes);
  return arrays_.emplace_back(std::move(own))->span();
}

void ThreadCommunicator::free_node_arrays(std::size_t keep) {
  room_.meet(rank_, node_, {"free_node_arrays", keep}, nullptr, [](Brought) {});
  arrays_.resize(std::min(arrays_.size(), keep));
}

void ThreadCommunicator::sum_over_nodes(std::span<std::int64_t> values) {
  const std::size_t count = values.size();
  room_.meet(rank_, all_, {"sum_over_nodes", count}, once_a_node(values.data()),
             [&](Brought brought) {
               auto* first = static_cast<std::int64_t*>(brought.front());
               for (void* other : brought.subspan(1)) {
                 if (other == nullptr) continue;
                 const auto* row = static_cast<const std::int64_t*>(other);
                 for (std::size_t i = 0; i < count; ++i) first[i] += row[i];
               }
               for (void* other : brought.subspan(1)) {
                 if (other != nullptr) std::copy_n(first, count, static_cast<std::int64_t*>(other));
               }
             });
}

void ThreadCommunicator::copy_to_nodes(std::span<std::byte> bytes) {
  const std::size_t count = bytes.size();
  room_.meet(rank_, all_, {"copy_to_nodes", count}, once_a_node(bytes.data()),
             [&](Brought brought) {
               const auto* first = static_cast<const std::byte*>(brought.front());
               for (void* other : brought.subspan(1)) {
                 if (other != nullptr) std::copy_n(first, count, static_cast<std::byte*>(other));
               }
             });
}

void ThreadCommunicator::swap_between_nodes(const comm::NodeParts& outgoing,
                                            const comm::NodeParts& incoming) {
  struct Swap {
    const comm::NodeParts& outgoing;
    const comm::NodeParts& incoming;
  } own{outgoing, incoming};
  room_.meet(rank_, all_, {"swap_between_nodes"}, once_a_node(&own), [](Brought brought) {
    std::vector<const Swap*> nodes;
    for (const void* one : brought) {
      if (one != nullptr) nodes.push_back(static_cast<const Swap*>(one));
    }
    for (std::size_t from = 0; from < nodes.size(); ++from) {
      for (std::size_t to = 0; to < nodes.size(); ++to) {
        if (from == to) continue;
        const auto sent = nodes[from]->outgoing.of(to);
        const auto received = nodes[to]->incoming.of(from);
        if (sent.size() != received.size() || sent.size() % comm::NodeParts::kUnit != 0) {
          throw InternalError("node {} sends {} bytes to node {}, which expects {}", from,
                              sent.size(), to, received.size());
        }
        std::ranges::copy(sent, received.begin());
      }
    }
  });
}

/// What every rank's thread runs. The error, if any, is kept for run_ranks.
void run_rank(MeetingRoom& room, ThreadCommunicator& communicator,
              const std::function<void(comm::Communicator&)>& work,
              std::exception_ptr& error) noexcept {
  try {
    work(communicator);
    room.leave(communicator.rank());
  } catch (...) {
    error = std::current_exception();
    room.fail(communicator.rank(), current_error().what());
  }
}

bool is_peer_error(const std::exception_ptr& error) {
  try {
    std::rethrow_exception(error);
  } catch (const Error& caught) {
    return caught.kind() == ErrorKind::peer;
  } catch (...) {
    return false;
  }
}

void rethrow_first(const std::vector<std::exception_ptr>& errors) {
  for (const auto& error : errors)
    if (error && !is_peer_error(error)) std::rethrow_exception(error);
  for (const auto& error : errors)
    if (error) std::rethrow_exception(error);
}

}  // namespace

void run_ranks(int size, const std::function<void(comm::Communicator&)>& work, int ranks_per_node) {
  if (size < 1) throw InternalError("run_ranks with {} ranks; at least 1 is needed", size);
  if (ranks_per_node <= 0) ranks_per_node = size;
  MeetingRoom room(size);
  std::vector<std::unique_ptr<ThreadCommunicator>> communicators;
  std::vector<std::exception_ptr> errors(static_cast<std::size_t>(size));
  const int node_count = (size + ranks_per_node - 1) / ranks_per_node;
  for (int rank = 0; rank < size; ++rank) {
    const int first = rank / ranks_per_node * ranks_per_node;
    const Group node{first, std::min(ranks_per_node, size - first)};
    communicators.push_back(std::make_unique<ThreadCommunicator>(
        room, rank, Group{0, size}, node, Group{rank / ranks_per_node, node_count}));
  }
  std::string start_error;
  {
    std::vector<std::jthread> threads;
    threads.reserve(errors.size());
    try {
      for (std::size_t rank = 0; rank < errors.size(); ++rank)
        threads.emplace_back(
            [&, rank] { run_rank(room, *communicators[rank], work, errors[rank]); });
    } catch (const std::system_error& error) {
      start_error = error.what();
      room.fail(static_cast<int>(threads.size()), "its thread cannot be started");
    }
  }
  if (!start_error.empty()) throw IoError("cannot start {} rank threads: {}", size, start_error);
  rethrow_first(errors);
}

}  // namespace nnrec::test
