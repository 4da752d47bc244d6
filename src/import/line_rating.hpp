#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

namespace nnrec::importing {

inline constexpr std::int64_t kNoTime = std::numeric_limits<std::int64_t>::min();
/// Times from here on are milliseconds: as seconds this is the year 5138, as milliseconds 1973.
inline constexpr std::int64_t kFirstMillisecond = 100'000'000'000;
/// Milliseconds end where seconds would have ended a thousand times later.
inline constexpr std::int64_t kLastTime = kFirstMillisecond * 1000;

/// What is said of ratings beside their values: how they were written, and which rule applied.
enum class Seen : std::uint8_t {
  latin1,        ///< an id was not UTF-8
  no_time,       ///< where others have one
  clipped,       ///< to the scale
  seconds,       ///< the time is a number of seconds
  milliseconds,  ///< ... of milliseconds
  dates,         ///< ... a date as text
  patterned,     ///< ... as --time-format says
  before_1970,
  time_zero,    ///< as programs write where they know none
  part_second,  ///< the time has a fraction
  not_rated,    ///< the value stands for no rating
  rounded_id,   ///< an id like 9.78044E+12, of which digits are lost
  absent_id,    ///< an id like NULL, which programs write where there is none
  unseen_id,    ///< an id with a character that is not seen
  quoted_id,    ///< an id between quotes that are a part of it
  long_record,  ///< it goes over several lines
};
inline constexpr std::size_t kSeenKinds = 16;

/// A set of Seen.
class SeenSet {
 public:
  void add(Seen kind) noexcept { bits_ |= bit(kind); }
  bool has(Seen kind) const noexcept { return (bits_ & bit(kind)) != 0; }
  bool empty() const noexcept { return bits_ == 0; }

 private:
  static std::uint32_t bit(Seen kind) { return 1U << static_cast<unsigned>(kind); }
  std::uint32_t bits_ = 0;
};

/// One record's rating. The ids are valid until the next record is parsed.
struct LineRating {
  std::string_view user;
  std::string_view item;
  float rating = 0;
  std::int64_t time = kNoTime;  ///< seconds
  SeenSet seen;
};

/// A rating whose ids are whole numbers as one writes them.
struct PlainRating {
  std::uint64_t user = 0;
  std::uint64_t item = 0;
  float rating = 0;
  std::int64_t time = 0;  ///< as it is written: seconds or milliseconds
};

/// Why a record gives no rating.
struct LineFault {
  enum class Kind {
    bad,         ///< not as the format has it
    off_scale,   ///< well formed, its value is not allowed
    not_rated,   ///< well formed, its value stands for no rating
    open_quote,  ///< where the record ends is not known, nor what follows
  };
  std::size_t column = 0;  ///< field number from 0
  std::string text;        ///< "rating = "x" is not ..."
  Kind kind = Kind::bad;
};

}  // namespace nnrec::importing
