#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "nnrec/import/rating_layout.hpp"
#include "nnrec/import/rating_rules.hpp"

#include "line_rating.hpp"

namespace nnrec::importing {

/// The short way for what nearly all lines of nearly all files are: short decimal numbers, nothing
/// else, no rule broken. It takes such a line only when LineParser would give the same rating;
/// LineParser judges all others.
class PlainLines {
 public:
  PlainLines(const RatingLayout& layout, const RatingRules& rules);

  /// Takes the first line off `text` if it is plain; else leaves `text` as it is and returns false.
  bool take(std::string_view& text, PlainRating& rating) const noexcept;

 private:
  enum class Role : std::uint8_t { none, user, item, rating, time };

  bool take_field(Role role, const char*& at, PlainRating& rating) const noexcept;
  bool take_separator(const char*& at) const noexcept;
  bool is_allowed(float value) const noexcept;

  std::array<Role, 4> roles_{};  ///< by field; a field without a role is not for the short way
  std::size_t fields_ = 0;       ///< 0: no line of this layout is plain
  std::array<char, 2> separator_{};
  std::size_t separator_size_ = 0;
  double low_;
  double high_;
  std::vector<float> not_rated_;
};

}  // namespace nnrec::importing
