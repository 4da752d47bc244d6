#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "nnrec/import/rating_layout.hpp"
#include "nnrec/shards/rating_scale.hpp"

namespace nnrec::importing {

enum class OutOfRange { error, drop, clip };
enum class OnBadLine { stop, skip };
enum class Duplicates { last_time, first, last, mean, error };

/// What is done with what is not as it should be (README: "The rules").
struct RatingRules {
  std::optional<shards::RatingScale> scale;  ///< else the format's, if it has one
  OutOfRange out_of_range = OutOfRange::error;
  std::vector<float> not_rated;  ///< values that stand for no rating: left out, counted
  OnBadLine on_bad_line = OnBadLine::stop;
  double max_bad = 0.001;   ///< the most bad lines, as a part of all lines, with OnBadLine::skip
  std::string reject_file;  ///< where bad lines go with OnBadLine::skip
  Duplicates duplicates = Duplicates::last_time;
  Encoding encoding = Encoding::automatic;
  bool integer_ids = false;     ///< 7 and 007 are one id; other text is a bad line
  bool allow_mismatch = false;  ///< between ratings and catalogue
  bool strict = false;          ///< every repair is an error
};

/// Some of many.
struct Share {
  std::uint64_t count = 0;
  std::uint64_t whole = 0;
  const char* noun = "ratings";
};

/// What the rules did, in the order of the stages.
class RepairLog {
 public:
  explicit RepairLog(bool strict) : strict_(strict) {}

  /// Notes that `share.count` things were repaired; none is no repair. `text` says what was done,
  /// as in "repeat a (user, item): the latest is kept"; `place` is that of the first. From 5 % on
  /// it is a warning. Throws InputError under --strict.
  void add(const Share& share, const std::string& text, const std::string& place);
  /// Something to say that is no repair.
  void note(const std::string& text);
  /// Something that only who prepares the set can use, such as where a file was put.
  void show(const std::string& text) { lines_.push_back(text); }

  /// For who prepares the set: with places.
  const std::vector<std::string>& lines() const noexcept { return lines_; }
  /// For the set: without places, so that it is the same wherever its source lay.
  const std::vector<std::string>& facts() const noexcept { return facts_; }

 private:
  bool strict_;
  std::vector<std::string> lines_;
  std::vector<std::string> facts_;
};

}  // namespace nnrec::importing
