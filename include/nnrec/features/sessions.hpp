#pragma once

#include <array>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include "nnrec/shards/rating_columns.hpp"

namespace nnrec::features {

/// Ratings of a user that follow each other within so many seconds are of one session, at three
/// lengths: a page, a visit, a sitting. A page is of one second.
inline constexpr std::int64_t kVisitGapSeconds = 120;
inline constexpr std::int64_t kSittingGapSeconds = 7200;

/// A second in which a user gave training ratings: a page, and what it is part of.
struct Moment {
  std::int64_t time = 0;
  std::uint32_t ratings = 0;
  std::uint32_t visit = 0;    ///< table row, from 1
  std::uint32_t sitting = 0;  ///< table row, from 1
};

/// Table rows of the three sessions of a rating; 0: none.
struct SessionRows {
  std::uint32_t page = 0;
  std::uint32_t visit = 0;
  std::uint32_t sitting = 0;
  bool operator==(const SessionRows&) const = default;
};

/// The sessions of the training ratings: a view, whose arrays the ranks of a node may share. What
/// is evaluated or asked joins a session by its time, and makes none: no rating but a training
/// rating decides anything here.
struct Sessions {
  std::span<const std::uint64_t> first;  ///< of each user: place of the first moment; and the end
  std::span<const Moment> moments;       ///< by user, by time

  /// Of a user at a time: of the nearest moment (of two the earlier), as far as the gap of each
  /// length reaches.
  SessionRows rows_at(std::uint32_t user, std::int64_t time) const;
  std::size_t page_rows() const noexcept { return moments.size() + 1; }
  std::size_t visit_rows() const noexcept { return moments.empty() ? 1 : moments.back().visit + 1; }
  std::size_t sitting_rows() const noexcept {
    return moments.empty() ? 1 : moments.back().sitting + 1;
  }
};

/// Sessions with memory of their own.
struct OwnedSessions {
  std::vector<std::uint64_t> first;
  std::vector<Moment> moments;
  Sessions view() const { return {first, moments}; }
};

/// Makes sessions of training ratings, which come in any order and grouping. While it does, a
/// rating takes 20 bytes.
class SessionBuilder {
 public:
  void add(const shards::RatingColumns& ratings);
  /// Ends the building. `users`: how many the set has.
  OwnedSessions finish(std::uint64_t users);

 private:
  std::vector<std::uint32_t> users_;
  std::vector<std::int64_t> times_;
};

}  // namespace nnrec::features
