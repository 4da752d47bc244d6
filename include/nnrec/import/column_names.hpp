#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace nnrec::importing {

/// What a column of a rating file can be.
enum class Role : std::uint8_t { user, item, rating, time };
inline constexpr std::array kRoles{Role::user, Role::item, Role::rating, Role::time};
const char* role_name(Role role) noexcept;

/// Only letters and digits, in lower case; without a path and a type.
std::string plain_name(std::string_view name);

/// The role that people mean by a column's name, whatever its capitals, '_', '-', blanks, a type
/// behind a colon ("user_id:token") or a path before it ("review/userId"). Nothing for other names.
std::optional<Role> role_of(std::string_view name);

/// Whether a name says that its values are ids ("movieId", "user_index").
bool is_id(std::string_view name);

/// Whether two names of one role mean one thing, as "movie" and "movieId" do.
bool same_noun(std::string_view name, std::string_view other);

/// Whether a name is that of the row numbers that a data frame saves: empty, or "Unnamed: 0".
bool is_row_number(std::string_view name);

/// What a table with such a column holds instead of ratings ("links to other sites"); nullptr where
/// the name says nothing of the kind.
const char* other_table(std::string_view name);

}  // namespace nnrec::importing
