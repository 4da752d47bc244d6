#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <string_view>

namespace nnrec::features {

/// What a model can be told to read of a rating beside what its variant reads as published.
enum class Extra { day, sessions, age, gender, occupation, zip, year, words, genres };

struct ExtraName {
  Extra extra;
  std::string_view name;
};
inline constexpr std::array kExtraNames{
    ExtraName{Extra::day, "day"},
    ExtraName{Extra::sessions, "sessions"},
    ExtraName{Extra::age, "age"},
    ExtraName{Extra::gender, "gender"},
    ExtraName{Extra::occupation, "occupation"},
    ExtraName{Extra::zip, "zip"},
    ExtraName{Extra::year, "year"},
    ExtraName{Extra::words, "words"},
    ExtraName{Extra::genres, "genres"},
};

/// Some of them.
struct ExtraSet {
  std::array<bool, kExtraNames.size()> members{};

  bool has(Extra extra) const { return members[static_cast<std::size_t>(extra)]; }
  bool empty() const { return *this == ExtraSet{}; }
  bool& operator[](Extra extra) { return members[static_cast<std::size_t>(extra)]; }
  bool operator==(const ExtraSet&) const = default;
};

/// Names with commas between, `all`, or `none`. Throws UsageError that lists the names.
ExtraSet parse_extras(std::string_view text);
/// Names with commas between, in the order of kExtraNames; or none.
std::string text_of(const ExtraSet& extras);

}  // namespace nnrec::features
