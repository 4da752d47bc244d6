#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace nnrec::importing {

/// Unix seconds of a date as ISO 8601 writes it, year first: 2005-09-06, 2005/09/06, with a time of
/// day behind 'T' or a blank (23:53, 23:53:47, 23:53:47.5) and a zone (Z, UTC, +02:00); without a
/// zone it is UTC. Fractions of a second are cut off. Nothing for anything else.
std::optional<std::int64_t> parse_iso_time(std::string_view text) noexcept;

/// Now, as Unix seconds.
std::int64_t unix_now();

/// Whether it looks like the time of a rating: from 1990 to a day from now, whatever the zone.
bool is_likely_time(std::int64_t seconds, std::int64_t now) noexcept;

/// Times as people write them, by a pattern of strftime's letters: %Y %m %d %H %M %S, %y (1969 to
/// 2068), %b or %B (English), %e, %j, %I with %p, %f (a fraction), %z, %F (%Y-%m-%d), %T
/// (%H:%M:%S), %s (Unix seconds), %%. A blank stands for any number of blanks. Nothing depends on
/// the locale.
class TimePattern {
 public:
  /// Throws UsageError for a letter that it does not know, or a pattern without a day.
  explicit TimePattern(std::string pattern);
  const std::string& pattern() const noexcept { return pattern_; }
  /// Unix seconds; nothing when the text is not of the pattern, as a whole.
  std::optional<std::int64_t> parse(std::string_view text) const noexcept;

 private:
  std::string pattern_;
};

}  // namespace nnrec::importing
