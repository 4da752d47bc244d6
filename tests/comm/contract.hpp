#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <new>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "nnrec/base/error.hpp"
#include "nnrec/comm/agreement.hpp"
#include "nnrec/comm/communicator.hpp"

/// The promises of Communicator as one list, run for every implementation (self, threads, MPI) at
/// several rank counts. A broken promise is thrown, so that the list needs no test framework.
namespace nnrec::comm::contract {

inline void require(bool holds, const std::string& promise) {
  if (!holds) throw InternalError("broken promise: {}", promise);
}

/// A value that differs by rank and index, negative ones included.
inline std::int64_t value_of(int rank, std::size_t index) {
  return static_cast<std::int64_t>((index + 1) * 1'000'003) * (rank % 2 == 0 ? 1 : -3) + rank;
}

inline std::vector<std::int64_t> values_of(int rank, std::size_t count) {
  std::vector<std::int64_t> values(count);
  for (std::size_t i = 0; i < count; ++i) values[i] = value_of(rank, i);
  return values;
}

inline const std::vector<std::size_t>& lengths() {
  static const std::vector<std::size_t> all{0, 1, 7, 64, 1000, 4097, 100'003};
  return all;
}

inline void ranks_are_numbered(Communicator& ranks) {
  require(ranks.rank() >= 0 && ranks.rank() < ranks.size(), "0 <= rank < size");
  require(ranks.node_rank() >= 0 && ranks.node_rank() < ranks.node_size(), "0 <= node rank < size");
  require(ranks.node_size() <= ranks.size(), "a node has at most all ranks");
  const auto all = ranks.gather_all(std::to_string(ranks.rank()));
  require(std::cmp_equal(all.size(), ranks.size()), "one text a rank");
  for (std::size_t i = 0; i < all.size(); ++i)
    require(all[i] == std::to_string(i), "texts in rank order");
}

inline void sum_is_of_all_ranks(Communicator& ranks) {
  for (const std::size_t count : lengths()) {
    auto values = values_of(ranks.rank(), count);
    ranks.sum(values);
    for (std::size_t i = 0; i < count; ++i) {
      std::int64_t expected = 0;
      for (int rank = 0; rank < ranks.size(); ++rank) expected += value_of(rank, i);
      require(values[i] == expected, "sum over all ranks");
    }
  }
}

inline void sum_is_exact_near_its_limit(Communicator& ranks) {
  const std::int64_t large = (std::int64_t{1} << 62) / ranks.size();
  std::vector<std::int64_t> values{large, -large, 1};
  ranks.sum(values);
  require(values[0] == large * ranks.size() && values[1] == -large * ranks.size() &&
              values[2] == ranks.size(),
          "exact sum of large values");
}

inline void maximum_is_over_all_ranks(Communicator& ranks) {
  for (const std::size_t count : lengths()) {
    auto values = values_of(ranks.rank(), count);
    ranks.maximum(values);
    for (std::size_t i = 0; i < count; ++i) {
      std::int64_t expected = value_of(0, i);
      for (int rank = 1; rank < ranks.size(); ++rank)
        expected = std::max(expected, value_of(rank, i));
      require(values[i] == expected, "maximum over all ranks");
    }
  }
}

inline void broadcast_comes_from_every_root(Communicator& ranks) {
  for (int root = 0; root < ranks.size(); ++root)
    for (const std::size_t count : lengths()) {
      auto values = values_of(ranks.rank(), count);
      ranks.broadcast(std::as_writable_bytes(std::span(values)), root);
      require(values == values_of(root, count), "broadcast gives root's bytes");
    }
}

inline void broadcast_from_no_rank_is_refused(Communicator& ranks) {
  for (const int root : {-1, ranks.size()}) {
    bool refused = false;
    try {
      ranks.broadcast({}, root);
    } catch (const InternalError&) {
      refused = true;
    }
    require(refused, "broadcast refuses a root that is no rank");
  }
}

inline void gather_all_keeps_lengths(Communicator& ranks) {
  const auto text_of = [](int rank) {
    return std::string(static_cast<std::size_t>(rank % 3) * 5'000, static_cast<char>('a' + rank)) +
           std::string(rank % 2, '\0');
  };
  const auto all = ranks.gather_all(text_of(ranks.rank()));
  for (int rank = 0; rank < ranks.size(); ++rank)
    require(all[static_cast<std::size_t>(rank)] == text_of(rank), "texts of any length and bytes");
  for (const auto& text : ranks.gather_all("")) require(text.empty(), "empty texts");
}

inline void node_array_is_zeroed_then_shared(Communicator& ranks) {
  constexpr std::size_t kEach = 100;
  const std::size_t count = kEach * static_cast<std::size_t>(ranks.size());
  const auto bytes = ranks.node_array(count * sizeof(std::int64_t));
  require(bytes.size() == count * sizeof(std::int64_t), "a node array has the size asked for");
  require(reinterpret_cast<std::uintptr_t>(bytes.data()) % 64 == 0, "64-byte alignment");
  const std::span values(reinterpret_cast<std::int64_t*>(bytes.data()), count);
  require(std::ranges::all_of(values, [](auto value) { return value == 0; }), "zeroed");
  ranks.node_barrier();
  const auto own = static_cast<std::size_t>(ranks.node_rank()) * kEach;
  for (std::int64_t round = 1; round <= 20; ++round) {
    for (std::size_t i = 0; i < kEach; ++i) values[own + i] = round * 1000 + ranks.node_rank();
    ranks.node_barrier();
    for (int peer = 0; peer < ranks.node_size(); ++peer)
      for (std::size_t i = 0; i < kEach; ++i)
        require(values[static_cast<std::size_t>(peer) * kEach + i] == round * 1000 + peer,
                "what the node's ranks wrote is read by all of them");
    ranks.node_barrier();
  }
}

inline void node_arrays_are_apart(Communicator& ranks) {
  const auto first = ranks.node_array(1);
  const auto none = ranks.node_array(0);
  const auto second = ranks.node_array(1 << 20);
  require(none.empty(), "a node array of 0 bytes is empty");
  if (ranks.node_rank() == 0) {
    first[0] = std::byte{1};
    std::ranges::fill(second, std::byte{2});
  }
  ranks.node_barrier();
  require(
      first[0] == std::byte{1} && second.front() == std::byte{2} && second.back() == std::byte{2},
      "node arrays do not overlap");
  ranks.node_barrier();
}

inline void nodes_are_numbered(Communicator& ranks) {
  require(ranks.node_count() >= 1 && ranks.node_count() <= ranks.size(), "1 <= nodes <= ranks");
  const int own = ranks.node_first() + ranks.node_rank();
  const auto numbers = ranks.gather_all(std::to_string(own));
  for (int number = 0; number < ranks.size(); ++number)
    require(std::ranges::count(numbers, std::to_string(number)) == 1,
            "each number belongs to a rank");
  require(ranks.rank() != 0 || own == 0, "rank 0 is the first of the first node");
}

/// What nodes sum and copy: a part in the middle of a node array, here each node's own number.
inline void nodes_sum_and_copy_their_arrays(Communicator& ranks) {
  for (const std::size_t count : lengths()) {
    const auto bytes = ranks.node_array((count + 2) * sizeof(std::int64_t));
    const std::span all(reinterpret_cast<std::int64_t*>(bytes.data()), count + 2);
    const auto part = all.subspan(1, count);
    const auto fill = [&] {
      if (ranks.node_rank() == 0) {
        std::ranges::fill(all, -1);
        for (std::size_t i = 0; i < count; ++i) part[i] = value_of(ranks.node_first(), i);
      }
      ranks.node_barrier();
    };
    const auto firsts =
        ranks.gather_all(std::to_string(ranks.node_rank() == 0 ? ranks.node_first() : -1));
    fill();
    ranks.sum_over_nodes(part);
    for (std::size_t i = 0; i < count; ++i) {
      std::int64_t expected = 0;
      for (const auto& first : firsts)
        if (first != "-1") expected += value_of(std::stoi(first), i);
      require(part[i] == expected, "sum over nodes, on every rank");
    }
    ranks.node_barrier();
    fill();
    ranks.copy_to_nodes(std::as_writable_bytes(part));
    for (std::size_t i = 0; i < count; ++i)
      require(part[i] == value_of(0, i), "the first node's bytes, on every rank");
    require(all.front() == -1 && all.back() == -1, "what is not named stays");
    ranks.node_barrier();
  }
}

/// Node a sends (a + 2 b) units to node b, each filled with a number of its own.
inline void nodes_swap_parts(Communicator& ranks) {
  const auto nodes = static_cast<std::size_t>(ranks.node_count());
  const auto here = static_cast<std::size_t>(ranks.node());
  const auto length = [](std::size_t from, std::size_t to) {
    return (from + 2 * to) * NodeParts::kUnit;
  };
  const auto content = [](std::size_t from, std::size_t to) {
    return static_cast<std::byte>(1 + 7 * from + to);
  };
  const auto room = ranks.node_array(2 * nodes * 3 * nodes * NodeParts::kUnit);
  std::vector<std::size_t> begins(nodes);
  std::vector<std::size_t> out_bytes(nodes);
  std::vector<std::size_t> in_bytes(nodes);
  for (std::size_t node = 0; node < nodes; ++node) {
    begins[node] = node * 3 * nodes * NodeParts::kUnit;
    out_bytes[node] = length(here, node);
    in_bytes[node] = length(node, here);
  }
  const NodeParts outgoing{room.first(room.size() / 2), begins, out_bytes};
  const NodeParts incoming{room.last(room.size() / 2), begins, in_bytes};
  for (int round = 0; round < 3; ++round) {
    for (std::size_t node = 0; node < nodes; ++node) {
      if (ranks.node_rank() != 0) break;
      std::ranges::fill(outgoing.of(node), content(here, node));
      std::ranges::fill(incoming.of(node), std::byte{0});
    }
    ranks.node_barrier();
    ranks.swap_between_nodes(outgoing, incoming);
    for (std::size_t node = 0; node < nodes; ++node) {
      if (node == here) continue;
      for (const std::byte one : incoming.of(node))
        require(one == content(node, here), "what the other node sent, on every rank");
    }
    ranks.node_barrier();
  }
}

inline void node_arrays_are_given_back(Communicator& ranks) {
  constexpr std::size_t kLonger = std::size_t{3} << 20;  // than what MPI is asked for at once
  const std::size_t before = ranks.node_arrays();
  const auto kept = ranks.node_array(8);
  if (ranks.node_rank() == 0) kept[0] = std::byte{7};
  for (int round = 0; round < 3; ++round) {
    for (const std::size_t bytes : {std::size_t{1000}, kLonger, std::size_t{8}}) {
      const auto array = ranks.node_array(bytes);
      require(std::ranges::all_of(array, [](std::byte one) { return one == std::byte{0}; }),
              "an array begins at zero, whoever had its memory before");
      ranks.node_barrier();
      if (ranks.node_rank() == ranks.node_size() - 1) std::ranges::fill(array, std::byte{9});
    }
    require(ranks.node_arrays() == before + 4, "node arrays are counted");
    ranks.free_node_arrays(before + 1);
    require(ranks.node_arrays() == before + 1, "those behind the first ones are gone");
  }
  ranks.node_barrier();
  require(kept[0] == std::byte{7}, "a kept array is still shared, and nobody else's");
  ranks.node_barrier();
}

inline void many_calls_stay_in_step(Communicator& ranks) {
  std::vector<std::int64_t> state(5, ranks.rank());
  for (int round = 0; round < 100; ++round) {
    ranks.maximum(state);
    for (auto& value : state) value += round;
    const std::int64_t before = state.front();
    state.front() = ranks.rank();
    ranks.sum(std::span(state).first(1));
    require(state.front() == std::int64_t{ranks.size()} * (ranks.size() - 1) / 2, "sum in step");
    state.front() = before;
    ranks.barrier();
    ranks.broadcast(std::as_writable_bytes(std::span(state)), round % ranks.size());
    ranks.node_barrier();
  }
}

/// The AgreedError that agree() throws; fails when it throws none.
inline AgreedError agreed_error(Communicator& ranks, const std::function<void()>& work) {
  try {
    agree(ranks, work);
  } catch (const AgreedError& error) {
    return error;
  }
  throw InternalError("broken promise: agree throws on every rank");
}

inline void agree_is_silent_after_success(Communicator& ranks) {
  int calls = 0;
  agree(ranks, [&] { ++calls; });
  require(calls == 1, "agree runs the work once");
}

inline void agree_spreads_one_ranks_error(Communicator& ranks) {
  const int last = ranks.size() - 1;
  const auto error = agreed_error(ranks, [&] {
    if (ranks.rank() == last) throw UsageError("--epochs 0");
  });
  require(error.kind() == ErrorKind::usage, "agree keeps the kind");
  const std::string prefix = last == 0 ? "" : fmt::format("rank {}: ", last);
  require(error.what() == prefix + "--epochs 0", "agree names the rank");
}

inline void agree_takes_the_lowest_rank(Communicator& ranks) {
  const auto error = agreed_error(ranks, [&] {
    if (ranks.rank() == 0) throw InputError("file 0");
    throw IoError("disk of {}", ranks.rank());
  });
  require(error.kind() == ErrorKind::input, "agree takes the lowest rank's kind");
  require(error.what() == std::string(ranks.size() == 1 ? "file 0" : "rank 0: file 0"),
          "agree takes the lowest rank's text");
}

inline void agree_says_a_common_error_once(Communicator& ranks) {
  const auto error = agreed_error(ranks, [] { throw std::bad_alloc(); });
  require(error.kind() == ErrorKind::io, "no memory is the machine's error");
  require(std::string(error.what()).starts_with("out of memory"), "no rank in a common text");
}

struct Promise {
  const char* name;
  void (*check)(Communicator& ranks);
};

inline std::ostream& operator<<(std::ostream& out, const Promise& promise) {
  return out << promise.name;
}

inline const std::vector<Promise>& promises() {
  static const std::vector<Promise> all{
      {"RanksAreNumbered", ranks_are_numbered},
      {"SumIsOfAllRanks", sum_is_of_all_ranks},
      {"SumIsExactNearItsLimit", sum_is_exact_near_its_limit},
      {"MaximumIsOverAllRanks", maximum_is_over_all_ranks},
      {"BroadcastComesFromEveryRoot", broadcast_comes_from_every_root},
      {"BroadcastFromNoRankIsRefused", broadcast_from_no_rank_is_refused},
      {"GatherAllKeepsLengths", gather_all_keeps_lengths},
      {"NodeArrayIsZeroedThenShared", node_array_is_zeroed_then_shared},
      {"NodeArraysAreApart", node_arrays_are_apart},
      {"NodesAreNumbered", nodes_are_numbered},
      {"NodesSumAndCopyTheirArrays", nodes_sum_and_copy_their_arrays},
      {"NodesSwapParts", nodes_swap_parts},
      {"NodeArraysAreGivenBack", node_arrays_are_given_back},
      {"ManyCallsStayInStep", many_calls_stay_in_step},
      {"AgreeIsSilentAfterSuccess", agree_is_silent_after_success},
      {"AgreeSpreadsOneRanksError", agree_spreads_one_ranks_error},
      {"AgreeTakesTheLowestRank", agree_takes_the_lowest_rank},
      {"AgreeSaysACommonErrorOnce", agree_says_a_common_error_once},
  };
  return all;
}

}  // namespace nnrec::comm::contract
