#include "nnrec/import/column_names.hpp"

#include <algorithm>
#include <utility>

namespace nnrec::importing {
namespace {

/// Who rates. Each also with "id", "no", "idx", "index", "name" or "code" behind it.
constexpr std::array<std::string_view, 17> kUserNouns{
    "user",   "usr",   "reviewer", "customer", "cust",   "client", "member",  "person", "rater",
    "viewer", "buyer", "reader",   "listener", "player", "guest",  "account", "visitor"};
/// What is rated; likewise, and with "rating" behind it it is the rating.
constexpr std::array<std::string_view, 30> kItemNouns{
    "item",   "movie", "film",    "book",  "product", "prod",  "business",   "anime",
    "manga",  "joke",  "song",    "track", "artist",  "album", "game",       "app",
    "recipe", "poi",   "venue",   "hotel", "beer",    "wine",  "restaurant", "course",
    "video",  "show",  "podcast", "comic", "series",  "sku"};
/// Without such an ending these say something else of an item.
constexpr std::array<std::string_view, 6> kItemNounsOfIds{"place",    "article", "news",
                                                          "document", "doc",     "content"};
constexpr std::array<std::string_view, 7> kItemIds{"iid",  "isbn",   "isbn10",    "isbn13",
                                                   "asin", "tconst", "parentasin"};
constexpr std::array<std::string_view, 24> kRatingNames{
    "rating",        "ratings",      "rate",         "score",       "stars",       "star",
    "overall",       "value",        "label",        "ratingvalue", "ratingscore", "userrating",
    "usersrating",   "starrating",   "reviewrating", "reviewscore", "reviewstars", "reviewoverall",
    "overallrating", "overallscore", "myrating",     "yourrating",  "myscore",     "userscore"};
constexpr std::array<std::string_view, 25> kTimeNames{
    "timestamp",      "timestamps",     "ts",          "time",
    "unixtime",       "unixts",         "datetime",    "date",
    "unixtimestamp",  "unixreviewtime", "reviewtime",  "reviewdate",
    "ratingtime",     "ratingdate",     "ratedate",    "ratetime",
    "ratedat",        "createdat",      "createdtime", "reviewedat",
    "eventtime",      "epoch",          "createtime",  "reviewtimestamp",
    "ratingtimestamp"};
constexpr std::array<std::string_view, 6> kEndings{"id", "no", "idx", "index", "name", "code"};

/// Names that say what else a table is.
constexpr std::array<std::pair<std::string_view, const char*>, 10> kOtherTables{{
    {"imdbid", "links to other sites"},
    {"tmdbid", "links to other sites"},
    {"tag", "tags"},
    {"tagid", "tags"},
    {"relevance", "tags and how relevant they are"},
    {"genres", "items"},
    {"genre", "items"},
    {"age", "users"},
    {"gender", "users"},
    {"occupation", "users"},
}};

/// Without "id" and the like, where something is left.
std::string_view noun_of(std::string_view name) {
  for (const auto ending : kEndings) {
    if (name.size() > ending.size() && name.ends_with(ending)) {
      return name.substr(0, name.size() - ending.size());
    }
  }
  return name;
}

template <std::size_t n>
bool is_one_of(std::string_view name, const std::array<std::string_view, n>& names) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

bool is_item_rating(std::string_view name) {
  constexpr std::string_view kEnding = "rating";
  return name.ends_with(kEnding) &&
         is_one_of(name.substr(0, name.size() - kEnding.size()), kItemNouns);
}

}  // namespace

std::string plain_name(std::string_view name) {
  name.remove_prefix(name.rfind('/') + 1);
  const auto colon = name.find(':');
  if (colon != std::string_view::npos && colon > 0 && name[name.size() - 1] != ':' &&
      name.find_first_of(" 0123456789", colon) == std::string_view::npos) {
    name = name.substr(0, colon);
  }
  std::string result;
  for (const char c : name) {
    if (c >= 'A' && c <= 'Z') {
      result += static_cast<char>(c - 'A' + 'a');
    } else if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
               static_cast<signed char>(c) < 0) {
      result += c;
    }
  }
  return result;
}

const char* role_name(Role role) noexcept {
  constexpr std::array kNames{"user", "item", "rating", "time"};
  return kNames[static_cast<std::size_t>(role)];
}

std::optional<Role> role_of(std::string_view name) {
  const auto key = plain_name(name);
  if (is_one_of(key, kRatingNames) || is_item_rating(key)) return Role::rating;
  if (is_one_of(key, kTimeNames)) return Role::time;
  if (key == "uid" || is_one_of(noun_of(key), kUserNouns)) return Role::user;
  const auto noun = noun_of(key);
  const bool item = is_one_of(key, kItemIds) || is_one_of(noun, kItemNouns) ||
                    (noun != key && is_one_of(noun, kItemNounsOfIds));
  return item ? std::optional(Role::item) : std::nullopt;
}

bool is_id(std::string_view name) {
  const auto key = plain_name(name);
  return noun_of(key) != key && !key.ends_with("name");
}

bool same_noun(std::string_view name, std::string_view other) {
  const auto first = plain_name(name);
  const auto second = plain_name(other);
  return noun_of(first) == noun_of(second);
}

bool is_row_number(std::string_view name) {
  const auto key = plain_name(name);
  return key.empty() || key.starts_with("unnamed");
}

const char* other_table(std::string_view name) {
  const auto key = plain_name(name);
  for (const auto& [column, holds] : kOtherTables) {
    if (key == column) return holds;
  }
  return nullptr;
}

}  // namespace nnrec::importing
