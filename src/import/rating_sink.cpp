#include "rating_sink.hpp"

namespace nnrec::importing {

void RatingSink::begin(RatingBlock& block) {
  block_ = &block;
  block.user.resize(0);
  block.item.resize(0);
  block.rating.resize(0);
  block.time.resize(0);
  block.new_users.clear();
  block.new_items.clear();
  block.runs.clear();
  block.faults.clear();
  block.lines = 0;
  block.records = 0;
  block.seen = {};
  block.known_users = static_cast<std::uint32_t>(users_.size());
  block.known_items = static_cast<std::uint32_t>(items_.size());
  last_user_ = {};
}

void RatingSink::add(const LineRating& rating) {
  for (std::size_t kind = 0; kind < kSeenKinds && !rating.seen.empty(); ++kind) {
    if (rating.seen.has(static_cast<Seen>(kind))) see(static_cast<Seen>(kind));
  }
  store(index_of(rating.user, users_, block_->known_users, block_->new_users),
        index_of(rating.item, items_, block_->known_items, block_->new_items), rating.rating,
        rating.time);
}

void RatingSink::refuse(LineFault fault, LineRating& rating, std::string_view record) {
  if (fault.kind == LineFault::Kind::off_scale && rules_.out_of_range == OutOfRange::clip) {
    const auto low = static_cast<float>(rules_.scale->low);
    const auto high = static_cast<float>(rules_.scale->high);
    rating.rating = std::clamp(rating.rating, low, high);
    rating.seen.add(Seen::clipped);
    add(rating);
    return;
  }
  if (fault.kind == LineFault::Kind::not_rated) {
    see(Seen::not_rated);  // There may be more of them than of ratings.
    return;
  }
  block_->faults.push_back({block_->lines, std::move(fault), std::string(record)});
}

}  // namespace nnrec::importing
