#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace nnrec::importing {

/// Whether `text` is well-formed UTF-8 (Unicode 15, table 3-7: no overlong forms, no surrogates).
bool is_utf8(std::string_view text) noexcept;
std::string latin1_to_utf8(std::string_view text);

/// For messages: in quotes, other than printable ASCII as \xNN, cut after 60 bytes.
std::string escaped(std::string_view text);

/// Without blanks (space, tab) at both ends.
std::string_view trimmed(std::string_view text) noexcept;

/// Whether `text` is one digit or more and nothing else.
bool is_digits(std::string_view text) noexcept;

/// The words of a title as the published recipe cuts them: ASCII letters to lower case, ASCII
/// punctuation removed, split at white space.
std::vector<std::string> title_words(std::string_view title);

/// The year in the last brackets, "Slow Ferry (Lento (Vol. 2)) (1988)" -> 1988; nothing where these
/// hold anything but four digits.
std::optional<int> title_year(std::string_view title) noexcept;

}  // namespace nnrec::importing
