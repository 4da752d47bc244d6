#pragma once

#include <algorithm>
#include <utility>

#include "nnrec/import/rating_rules.hpp"

#include "rating_block.hpp"

namespace nnrec::importing {

/// Takes what a parser finds in a block: numbers the ids against those known so far, which it only
/// reads, applies the rules that look at one rating, and counts lines and records.
class RatingSink {
 public:
  RatingSink(const RatingRules& rules, const IdMap& users, const IdMap& items)
      : rules_(rules), users_(users), items_(items) {}

  /// The block whose records come next.
  void begin(RatingBlock& block);

  /// A record begins on the next line. Lines without a record count, too: skip_lines().
  void next_record() {
    ++block_->lines;
    ++block_->records;
  }
  /// Another record on the same line.
  void next_of_line() { ++block_->records; }
  void skip_lines(std::uint64_t count) { block_->lines += count; }
  /// The last record had so many lines more than one.
  void continue_record(std::uint64_t lines) {
    if (lines > 0) see(Seen::long_record);
    block_->lines += lines;
  }

  void add(const PlainRating& rating) {
    auto seconds = rating.time;
    if (seconds >= kFirstMillisecond) {
      seconds /= 1000;
      see(Seen::milliseconds);
    } else {
      see(seconds == kNoTime ? Seen::no_time : seconds == 0 ? Seen::time_zero : Seen::seconds);
    }
    if (!last_user_.is_known || last_user_.number != rating.user) {
      last_user_ = {rating.user,
                    index_of(rating.user, users_, block_->known_users, block_->new_users), true};
    }
    store(last_user_.index, index_of(rating.item, items_, block_->known_items, block_->new_items),
          rating.rating, seconds);
  }
  void add(const LineRating& rating);
  /// The last record gives no rating, or one that the rules may change.
  void refuse(LineFault fault, LineRating& rating, std::string_view record);
  /// Adds what `parse(rating, fault)` finds in the last record, or refuses it for the fault.
  template <typename Parse>
  void take(std::string_view record, const Parse& parse) {
    LineRating rating;
    LineFault fault;
    if (parse(rating, fault)) {
      add(rating);
    } else {
      refuse(std::move(fault), rating, record);
    }
  }

 private:
  /// The user of the rating before: files mostly have a user's ratings together.
  struct LastUser {
    std::uint64_t number = 0;
    std::uint32_t index = 0;
    bool is_known = false;
  };

  template <typename Id>
  static std::uint32_t index_of(Id id, const IdMap& known, std::uint32_t known_size, IdMap& fresh) {
    const auto found = known.find(id);
    return found ? *found : known_size + fresh.insert(id);
  }
  void see(Seen kind) { block_->seen[static_cast<std::size_t>(kind)].see(block_->lines); }
  void store(std::uint32_t user, std::uint32_t item, float rating, std::int64_t time) {
    const auto row = block_->user.size();
    add_row(block_->runs, row, block_->lines);
    block_->user.push_back(user);
    block_->item.push_back(item);
    block_->rating.push_back(rating);
    block_->time.push_back(time);
  }

  RatingRules rules_;
  const IdMap& users_;
  const IdMap& items_;
  RatingBlock* block_ = nullptr;
  LastUser last_user_;
};

}  // namespace nnrec::importing
