#include "owner_exchange.hpp"

#include <algorithm>
#include <cstring>

namespace nnrec::train {
namespace {

using comm::NodeParts;

/// Rows that one piece of work covers.
constexpr std::size_t kPieceRows = 64;
/// What complete() sends at a time, at most, unless a run of rows is longer.
constexpr std::size_t kStripBytes = std::size_t{4} << 20;
constexpr std::size_t kWord = sizeof(std::uint64_t);

/// Packings of the rows of a message with sums, up to where the packed rows begin.
std::size_t packing_bytes(std::size_t rows) {
  return (rows * sizeof(RowPacking) + kWord - 1) / kWord * kWord;
}

/// Of the longest message with sums.
std::size_t most_sum_bytes(std::size_t rows, std::size_t elements) {
  return NodeParts::padded(packing_bytes(rows) + elements * kWord + kPackedSlack);
}

/// Of a message: rows, and how many numbers they are as values and as sums.
struct Contents {
  std::size_t rows;
  std::size_t values;
  std::size_t sums;
};

}  // namespace

OwnerExchange::OwnerExchange(const ExchangeParts& parts)
    : parts_(parts),
      out_begins_(nodes(), 0),
      out_bytes_(nodes(), 0),
      in_begins_(nodes(), 0),
      in_bytes_(nodes(), 0),
      list_rows_(nodes(), 0) {
  // Lists of what is kept there hold a row of the batch's at most once, those of what is kept here
  // once for each other node that looks it up; one has as many lookups as the batch.
  std::size_t bytes = 0;
  std::size_t pieces = 0;
  for (const models::TableUse& use : parts.input.network.tables()) {
    const std::size_t rows = std::min(most_lookups(parts.input.features, use, parts.batch_rows),
                                      parts.input.network.layout()[use.block].rows * (nodes() - 1));
    bytes += most_sum_bytes(rows, rows * std::max(use.sum_cols(), use.leaf.cols));
    pieces += rows / kPieceRows + nodes();
  }
  for (const nn::Block& block : parts.input.network.layout().blocks()) {
    bytes = std::max(
        bytes, nodes() * NodeParts::padded(std::max(kStripBytes, run_rows() * block.cols * kWord)));
  }
  bytes += nodes() * 2 * NodeParts::kUnit;  // each message is filled up
  outgoing_ = parts.ranks.node_array(bytes);
  incoming_ = parts.ranks.node_array(bytes);
  lengths_ = parts.ranks.node_array(2 * nodes() * NodeParts::kUnit);
  piece_bytes_ = node_array<std::uint64_t>(parts.ranks, pieces);
}

// --------------------------------------------------------------- lists of rows

std::size_t OwnerExchange::list_size(const BatchPlan& plan, Kept kept, std::size_t node,
                                     std::size_t table) {
  const TouchedRows& touched = plan.tables[table];
  return kept == Kept::here ? touched.asked_by(node).size() : touched.slots_of(node).size();
}

std::size_t OwnerExchange::slot(const BatchPlan& plan, Kept kept, const Piece& piece,
                                std::size_t row) {
  const TouchedRows& touched = plan.tables[piece.table];
  return kept == Kept::here ? touched.asked_by(piece.node)[row]
                            : touched.slots_of(piece.node).begin + row;
}

void OwnerExchange::cut_pieces(const BatchPlan& plan, Kept kept) {
  pieces_.clear();
  for (std::size_t node = 0; node < nodes(); ++node) {
    list_rows_[node] = 0;
    if (node == here()) continue;
    std::size_t byte = 0;
    for (std::size_t table = 0; table < plan.tables.size(); ++table) {
      const std::size_t rows = list_size(plan, kept, node, table);
      for (std::size_t begin = 0; begin < rows; begin += kPieceRows) {
        const Range piece{begin, std::min(rows, begin + kPieceRows)};
        pieces_.push_back({node, table, piece, list_rows_[node], byte});
        list_rows_[node] += piece.size();
        byte += piece.size() * cols(table) * sizeof(float);
      }
    }
  }
}

template <typename Work>
void OwnerExchange::for_own_pieces(const Work& work) {
  parts_.team.for_each(pieces_.size(), [&](std::size_t number, std::size_t) {
    if (parts_.station.has(number)) work(number, pieces_[number]);
  });
}

/// Where the messages begin, one behind the other.
template <typename Size>
void OwnerExchange::place(const BatchPlan& plan, Kept kept, std::vector<std::size_t>& begins,
                          const Size& bytes_of_message) {
  std::size_t begin = 0;
  for (std::size_t node = 0; node < nodes(); ++node) {
    begins[node] = begin;
    if (node == here()) continue;
    std::size_t rows = 0;
    std::size_t values = 0;
    std::size_t sums = 0;
    for (std::size_t table = 0; table < plan.tables.size(); ++table) {
      const std::size_t size = list_size(plan, kept, node, table);
      rows += size;
      values += size * cols(table);
      sums += size * sum_cols(table);
    }
    begin += bytes_of_message(node, Contents{rows, values, sums});
  }
}

void OwnerExchange::place_values(const BatchPlan& plan, Kept kept, std::vector<std::size_t>& begins,
                                 std::vector<std::size_t>& bytes) {
  place(plan, kept, begins, [&](std::size_t node, const Contents& of) {
    return bytes[node] = NodeParts::padded(of.values * sizeof(float));
  });
}

/// With room for the longest, as the lengths are known only when they are written.
void OwnerExchange::place_sums(const BatchPlan& plan, Kept kept, std::vector<std::size_t>& begins) {
  place(plan, kept, begins,
        [&](std::size_t, const Contents& of) { return most_sum_bytes(of.rows, of.sums); });
}

void OwnerExchange::swap() {
  parts_.ranks.node_barrier();  // all messages are written
  parts_.ranks.swap_between_nodes({outgoing_, out_begins_, out_bytes_},
                                  {incoming_, in_begins_, in_bytes_});
  for (std::size_t node = 0; node < nodes(); ++node) {
    if (node != here()) bytes_.sent += out_bytes_[node];
  }
}

// --------------------------------------------------------------------- values

void OwnerExchange::fetch(const BatchPlan& plan, nn::ParameterSet& parameters) {
  const auto values = [&](const Piece& piece, std::size_t slot) {
    return parameters.values(parts_.input.network.tables()[piece.table].block)
        .subspan(plan.tables[piece.table].rows[slot] * cols(piece.table), cols(piece.table));
  };
  place_values(plan, Kept::here, out_begins_, out_bytes_);
  place_values(plan, Kept::there, in_begins_, in_bytes_);
  cut_pieces(plan, Kept::here);
  for_own_pieces([&](std::size_t, const Piece& piece) {
    std::byte* to = outgoing_.data() + out_begins_[piece.node] + piece.byte;
    for (std::size_t row = piece.rows.begin; row < piece.rows.end; ++row) {
      const auto from = values(piece, slot(plan, Kept::here, piece, row));
      std::memcpy(to, from.data(), from.size_bytes());
      to += from.size_bytes();
    }
  });
  for (const Piece& piece : pieces_) {
    bytes_.needed += piece.rows.size() * cols(piece.table) * sizeof(float);
  }
  swap();
  cut_pieces(plan, Kept::there);
  for_own_pieces([&](std::size_t, const Piece& piece) {
    const std::byte* from = incoming_.data() + in_begins_[piece.node] + piece.byte;
    for (std::size_t row = piece.rows.begin; row < piece.rows.end; ++row) {
      const auto to = values(piece, slot(plan, Kept::there, piece, row));
      std::memcpy(to.data(), from, to.size_bytes());
      from += to.size_bytes();
    }
  });
  parts_.ranks.node_barrier();  // the rows that the batch looks up are there
}

// ----------------------------------------------------------------------- sums

void OwnerExchange::sum(const BatchPlan& plan, Gradient& gradient, Sums which) {
  if (which != Sums::dense) sum_rows(plan, gradient);
  if (which == Sums::rows) return;
  const auto dense = gradient.dense_and_scalars();
  parts_.ranks.sum_over_nodes(dense);
  bytes_.sent += dense.size_bytes();
  bytes_.needed += gradient.needed_dense_elements() * sizeof(std::int64_t);
}

void OwnerExchange::sum_rows(const BatchPlan& plan, Gradient& gradient) {
  place_sums(plan, Kept::there, out_begins_);
  place_sums(plan, Kept::here, in_begins_);
  cut_pieces(plan, Kept::there);
  write_packings(plan, gradient);
  parts_.ranks.node_barrier();  // where each piece begins can be known
  write_sums(plan, gradient);
  swap_lengths();
  swap();
  find_arrived(plan);
  add_arrived(plan, gradient);
  parts_.ranks.node_barrier();  // the rows kept here are summed
}

void OwnerExchange::write_packings(const BatchPlan& plan, Gradient& gradient) {
  for_own_pieces([&](std::size_t number, const Piece& piece) {
    const std::size_t width = sum_cols(piece.table);
    const auto sums = gradient.rows(plan, piece.table);
    auto* packings =
        reinterpret_cast<RowPacking*>(outgoing_.data() + out_begins_[piece.node]) + piece.first;
    std::uint64_t bytes = 0;
    for (std::size_t row = piece.rows.begin; row < piece.rows.end; ++row) {
      *packings = packing_of(sums.subspan(slot(plan, Kept::there, piece, row) * width, width),
                             gradient.shift(piece.table));
      bytes += packings++->bytes(width);
    }
    piece_bytes_[number] = bytes;
  });
}

void OwnerExchange::write_sums(const BatchPlan& plan, Gradient& gradient) {
  std::vector<std::size_t> begins(pieces_.size());
  for (std::size_t node = 0; node < nodes(); ++node)
    out_bytes_[node] = packing_bytes(list_rows_[node]);
  for (std::size_t number = 0; number < pieces_.size(); ++number) {
    begins[number] = out_bytes_[pieces_[number].node];
    out_bytes_[pieces_[number].node] += piece_bytes_[number];
    bytes_.needed += piece_bytes_[number];
  }
  for (std::size_t& bytes : out_bytes_) bytes = NodeParts::padded(bytes);
  for_own_pieces([&](std::size_t number, const Piece& piece) {
    const std::size_t width = sum_cols(piece.table);
    const auto sums = gradient.rows(plan, piece.table);
    std::byte* message = outgoing_.data() + out_begins_[piece.node];
    const auto* packings = reinterpret_cast<const RowPacking*>(message) + piece.first;
    std::byte* to = message + begins[number];
    for (std::size_t row = piece.rows.begin; row < piece.rows.end; ++row, ++packings) {
      pack(sums.subspan(slot(plan, Kept::there, piece, row) * width, width), *packings, to,
           gradient.shift(piece.table));
      to += packings->bytes(width);
    }
  });
}

/// Sums have other lengths in each step: each node learns how long the messages to it are.
void OwnerExchange::swap_lengths() {
  constexpr std::size_t kUnit = NodeParts::kUnit;
  const auto to = lengths_.first(nodes() * kUnit);
  const auto from = lengths_.last(nodes() * kUnit);
  std::vector<std::size_t> begins(nodes());
  const std::vector<std::size_t> bytes(nodes(), kUnit);
  for (std::size_t node = 0; node < nodes(); ++node) {
    begins[node] = node * kUnit;
    if (parts_.station.node_rank == 0) {
      std::memcpy(&to[begins[node]], &out_bytes_[node], sizeof(out_bytes_[node]));
    }
    if (node != here()) bytes_.sent += kUnit;
  }
  parts_.ranks.swap_between_nodes({to, begins, bytes}, {from, begins, bytes});
  for (std::size_t node = 0; node < nodes(); ++node) {
    if (node != here()) std::memcpy(&in_bytes_[node], &from[begins[node]], sizeof(in_bytes_[node]));
  }
}

/// What came for this rank's pieces of the rows kept here. Each rank goes over all packings: two
/// bytes a row.
void OwnerExchange::find_arrived(const BatchPlan& plan) {
  struct Place {
    const RowPacking* packings;
    const std::byte* packed;
  };
  std::vector<Place> places(nodes());
  for (std::size_t node = 0; node < nodes(); ++node) {
    std::size_t rows = 0;
    for (const TouchedRows& touched : plan.tables) rows += touched.asked_by(node).size();
    const std::byte* message = incoming_.data() + in_begins_[node];
    places[node] = {reinterpret_cast<const RowPacking*>(message), message + packing_bytes(rows)};
  }
  arrived_.clear();
  additions_.clear();
  std::size_t number = 0;
  for (std::size_t table = 0; table < plan.tables.size(); ++table) {
    const Range own = plan.tables[table].slots_of(here());
    std::vector<std::span<const std::uint32_t>> rest;
    for (std::size_t node = 0; node < nodes(); ++node)
      rest.push_back(plan.tables[table].asked_by(node));
    for (std::size_t begin = own.begin; begin < own.end; begin += kPieceRows) {
      const bool is_own = parts_.station.has(number++);
      const std::size_t first = arrived_.size();
      for (std::size_t node = 0; node < nodes(); ++node) {
        const auto end = std::ranges::lower_bound(rest[node], begin + kPieceRows);
        const auto slots = rest[node].first(static_cast<std::size_t>(end - rest[node].begin()));
        rest[node] = rest[node].subspan(slots.size());
        Place& place = places[node];
        if (is_own && !slots.empty()) {
          arrived_.push_back({node, table, slots, place.packings, place.packed});
        }
        for (const RowPacking packing : std::span(place.packings, slots.size())) {
          place.packed += packing.bytes(sum_cols(table));
        }
        place.packings += slots.size();
      }
      if (arrived_.size() > first) additions_.push_back({first, arrived_.size()});
    }
  }
}

void OwnerExchange::add_arrived(const BatchPlan& plan, Gradient& gradient) {
  parts_.team.for_each(additions_.size(), [&](std::size_t number, std::size_t) {
    const Range addition = additions_[number];
    for (Arrived part : std::span(arrived_).subspan(addition.begin, addition.size())) {
      const auto sums = gradient.rows(plan, part.table);
      const std::size_t width = sum_cols(part.table);
      for (const std::uint32_t slot : part.slots) {
        add_packed(part.packed, *part.packings, sums.subspan(slot * width, width),
                   gradient.shift(part.table));
        part.packed += part.packings++->bytes(width);
      }
    }
  });
}

// ------------------------------------------------------------------- complete

void OwnerExchange::complete(nn::ParameterSet& set) {
  const auto& blocks = set.layout().blocks();
  for (std::size_t block = 0; block < blocks.size(); ++block) {
    if (blocks[block].kind == nn::BlockKind::table) complete_block(set, block);
  }
}

void OwnerExchange::complete_block(nn::ParameterSet& set, std::size_t block) {
  const nn::Block& shape = set.layout()[block];
  const std::size_t round_rows = run_rows() * nodes();  // a run of each node
  const std::size_t run_bytes = run_rows() * shape.cols * sizeof(float);
  const std::size_t strip = round_rows * std::max<std::size_t>(1, kStripBytes / run_bytes);
  for (std::size_t begin = 0; begin < shape.rows; begin += strip) {
    complete_strip(set, block, {begin, std::min(shape.rows, begin + strip)});
  }
}

/// All send the same to all: the rows that they keep.
void OwnerExchange::complete_strip(nn::ParameterSet& set, std::size_t block, Range rows) {
  const std::size_t row_bytes = set.layout()[block].cols * sizeof(float);
  const std::size_t first_run = rows.begin / run_rows();
  const std::size_t runs = (rows.size() + run_rows() - 1) / run_rows();
  const auto bytes = std::as_writable_bytes(set.values(block));
  const auto run_bytes = [&](std::size_t run) {
    const std::size_t begin = (first_run + run) * run_rows();
    const std::size_t end = std::min(rows.end, begin + run_rows());
    return bytes.subspan(begin * row_bytes, (end - begin) * row_bytes);
  };
  // Strips begin with a run of the first node.
  const auto place = [&](std::size_t run) { return run / nodes() * run_rows() * row_bytes; };
  std::size_t begin = 0;
  for (std::size_t node = 0; node < nodes(); ++node) {
    const std::size_t own_runs = runs / nodes() + (node < runs % nodes() ? 1 : 0);
    in_bytes_[node] = NodeParts::padded(own_runs * run_rows() * row_bytes);
    in_begins_[node] = begin;
    begin += in_bytes_[node];
  }
  std::ranges::fill(out_begins_, 0U);
  std::ranges::fill(out_bytes_, in_bytes_[here()]);
  const auto for_own_runs = [&](const auto& work) {
    parts_.team.for_each(runs, [&](std::size_t run, std::size_t) {
      if (parts_.station.has(run / nodes())) work(run, run % nodes());
    });
  };
  for_own_runs([&](std::size_t run, std::size_t owner) {
    if (owner == here())
      std::ranges::copy(run_bytes(run),
                        outgoing_.begin() + static_cast<std::ptrdiff_t>(place(run)));
  });
  bytes_.needed += in_bytes_[here()] * (nodes() - 1);
  swap();
  for_own_runs([&](std::size_t run, std::size_t owner) {
    if (owner == here()) return;
    const auto to = run_bytes(run);
    std::memcpy(to.data(), incoming_.data() + in_begins_[owner] + place(run), to.size());
  });
  parts_.ranks.node_barrier();  // nobody writes over what another still reads
}

}  // namespace nnrec::train
