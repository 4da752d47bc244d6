#include "nnrec/import/rating_layout.hpp"

#include <algorithm>
#include <array>
#include <vector>

#include "nnrec/base/error.hpp"
#include "nnrec/base/numbers.hpp"
#include "nnrec/import/text.hpp"
#include "nnrec/io/text_blocks.hpp"

#include "fields.hpp"

namespace nnrec::import {
namespace {

constexpr std::size_t kLinesToLookAt = 50;
/// By preference: the rarer a separator is in other text, the earlier it stands.
constexpr std::array<std::string_view, 6> kSeparators{"::", "\t", ";", "|", ",", " "};

/// The names of columns that people use, in lower case, without '_', '-' and blanks.
constexpr std::array kUserNames{"userid", "user", "uid", "reviewerid", "customerid"};
constexpr std::array kItemNames{"movieid", "itemid", "item",   "movie",     "iid",
                                "jokeid",  "isbn",   "bookid", "productid", "asin"};
constexpr std::array kRatingNames{"rating", "ratings", "score", "stars", "value", "bookrating"};
constexpr std::array kTimeNames{"timestamp", "time", "unixtime", "unixreviewtime", "ts"};

using Lines = std::vector<std::string_view>;

Lines first_lines(std::string_view head) {
  Lines lines;
  for (std::string_view line; lines.size() < kLinesToLookAt && io::take_line(head, line);) {
    if (!trimmed(line).empty()) lines.push_back(line);
  }
  return lines;
}

bool has_quotes(std::string_view separator) {
  return separator == "," || separator == ";";
}

std::vector<std::string> cut(std::string_view line, const std::string& separator) {
  const auto quotes = has_quotes(separator) ? Fields::Quotes::rfc4180 : Fields::Quotes::none;
  Fields fields(separator, quotes);
  if (!fields.cut(line)) Fields(separator).cut(line);
  return {fields.all().begin(), fields.all().end()};
}

/// The separator that cuts the first line into three fields or more and most others as often;
/// empty when there is none.
std::string guess_separator(const Lines& lines) {
  std::string best;
  std::ptrdiff_t most = 0;
  for (const auto candidate : kSeparators) {
    const std::string separator(candidate);
    const auto fields = cut(lines.front(), separator).size();
    if (fields < 3) continue;
    const auto alike = std::count_if(lines.begin(), lines.end(), [&](std::string_view line) {
      return cut(line, separator).size() == fields;
    });
    if (alike > most) {
      most = alike;
      best = separator;
    }
  }
  return best;
}

std::string choose_separator(const Lines& lines, const LayoutOptions& options,
                             const std::string& label) {
  const auto guess = guess_separator(lines);
  if (options.separator.empty()) {
    if (!guess.empty()) return guess;
    throw InputError(
        "{}:1: {} is not cut into user, item and rating by '::', tab, ';', '|', ',' or blank. Give "
        "--separator, or is it no file of ratings?",
        label, escaped(lines.front()));
  }
  if (cut(lines.front(), options.separator).size() >= 2) return options.separator;
  throw InputError("{}:1: no separator {} found on line 1 ({}). Use --separator or --format auto.",
                   label, separator_name(options.separator),
                   guess.empty() ? "nor another one: is it a file of ratings?"
                                 : fmt::format("is it {}?", separator_name(guess)));
}

std::string plain_name(std::string_view name) {
  std::string plain;
  for (const char c : name) {
    if (c >= 'A' && c <= 'Z') {
      plain += static_cast<char>(c - 'A' + 'a');
    } else if (c != '_' && c != '-' && c != ' ') {
      plain += c;
    }
  }
  return plain;
}

using Names = std::vector<std::string>;

template <std::size_t n>
std::optional<std::size_t> find_name(const Names& header, const std::array<const char*, n>& names) {
  for (const std::string_view name : names) {
    for (std::size_t column = 0; column < header.size(); ++column) {
      if (plain_name(header[column]) == name) return column;
    }
  }
  return std::nullopt;
}

bool is_rating(std::string text, char decimal) {
  if (decimal != '.') std::replace(text.begin(), text.end(), decimal, '.');
  return parse_number<double>(text).has_value();
}

/// The field that `text`, a name in the header or a position from 1, stands for.
std::size_t column_of(std::string_view text, const Names& first, bool header,
                      const std::string& label) {
  const auto position = parse_number<std::size_t>(text);
  if (position && *position >= 1 && *position <= first.size()) return *position - 1;
  if (header) {
    const auto found = std::find(first.begin(), first.end(), text);
    if (found != first.end()) return static_cast<std::size_t>(found - first.begin());
  }
  throw InputError("{}:1: there is no column {}: {}. Correct --columns.", label, escaped(text),
                   header ? fmt::format("the header has {}", fmt::join(first, ", "))
                          : fmt::format("without a header use positions 1 to {}", first.size()));
}

/// The "name=column" pairs of --columns.
std::vector<std::pair<std::string, std::string>> column_pairs(std::string_view columns) {
  std::vector<std::pair<std::string, std::string>> pairs;
  while (!columns.empty()) {
    const auto pair = columns.substr(0, columns.find(','));
    columns.remove_prefix(std::min(pair.size() + 1, columns.size()));
    const auto equals = std::min(pair.find('='), pair.size());
    pairs.emplace_back(trimmed(pair.substr(0, equals)),
                       trimmed(pair.substr(std::min(equals + 1, pair.size()))));
  }
  return pairs;
}

/// A column named by its name says that there is a header.
bool names_a_header(std::string_view columns) {
  const auto pairs = column_pairs(columns);
  return std::any_of(pairs.begin(), pairs.end(),
                     [](const auto& pair) { return !parse_number<std::size_t>(pair.second); });
}

/// What a column can be, and the field of each.
constexpr std::array<std::string_view, 4> kRoles{"user", "item", "rating", "time"};
using ColumnPlaces = std::array<std::optional<std::size_t>, kRoles.size()>;

void require_different(const ColumnPlaces& places) {
  for (std::size_t role = 0; role < places.size(); ++role) {
    if (!places[role]) continue;
    const auto first = std::find(places.begin(), places.end(), places[role]);
    const auto other = static_cast<std::size_t>(first - places.begin());
    if (other == role) continue;
    throw UsageError("--columns: {} and {} are both column {}. Give each its own.", kRoles[other],
                     kRoles[role], *places[role] + 1);
  }
}

void set_columns(RatingLayout& layout, std::string_view columns, const Names& first,
                 const std::string& label) {
  ColumnPlaces places;
  for (const auto& [name, column] : column_pairs(columns)) {
    const auto known = std::find(kRoles.begin(), kRoles.end(), name);
    if (known == kRoles.end()) {
      throw UsageError("--columns: {} is not user, item, rating or time", escaped(name));
    }
    auto& place = places[static_cast<std::size_t>(known - kRoles.begin())];
    if (place) throw UsageError("--columns: {} is named twice", name);
    place = column_of(column, first, layout.header, label);
  }
  require_different(places);
  if (!places[0] || !places[1] || !places[2]) {
    throw UsageError("--columns must name user, item and rating, for example {}",
                     "user=1,item=2,rating=3,time=4");
  }
  layout.user = *places[0];
  layout.item = *places[1];
  layout.rating = *places[2];
  layout.time = places[3];
}

/// By the names in the header, else in the usual order.
void guess_columns(RatingLayout& layout, const Names& first, bool fourth_is_time) {
  const auto user = find_name(first, kUserNames);
  const auto item = find_name(first, kItemNames);
  const auto rating = find_name(first, kRatingNames);
  if (layout.header && user && item && rating) {
    layout.user = *user;
    layout.item = *item;
    layout.rating = *rating;
    layout.time = find_name(first, kTimeNames);
  } else if (fourth_is_time) {
    layout.time = 3;
  }
}

bool looks_like_header(const Names& first, const Lines& lines, const RatingLayout& layout) {
  if (find_name(first, kRatingNames) && find_name(first, kUserNames)) return true;
  // A bad line among good ones has numbers beside what is wrong; names are none.
  const auto is_number = [&](const std::string& field) { return is_rating(field, layout.decimal); };
  if (std::any_of(first.begin(), first.end(), is_number)) return false;
  const auto column = layout.rating;
  if (column >= first.size()) return false;
  if (lines.size() < 2) return false;
  const auto second = cut(lines[1], layout.separator);
  return column < second.size() && is_rating(second[column], layout.decimal);
}

/// Whether the fourth field of the first line with ratings may be a time.
bool has_fourth_number(const Lines& lines, const RatingLayout& layout) {
  const auto line = layout.header ? 1U : 0U;
  if (line >= lines.size()) return false;
  const auto fields = cut(lines[line], layout.separator);
  return fields.size() > 3 && parse_number<double>(fields[3]).has_value();
}

}  // namespace

std::string separator_name(std::string_view separator) {
  if (separator == "\t") return "tab";
  if (separator == " ") return "blank";
  return fmt::format("'{}'", separator);
}

std::string RatingLayout::description() const {
  auto text = fmt::format("{}, {}, user={} item={} rating={}", separator_name(separator),
                          header ? "header" : "no header", user + 1, item + 1, rating + 1);
  if (time) text += fmt::format(" time={}", *time + 1);
  if (decimal != '.') text += fmt::format(", decimal '{}'", decimal);
  return text;
}

RatingLayout find_layout(std::string_view head, const LayoutOptions& options,
                         const std::string& label) {
  const auto lines = first_lines(head);
  if (lines.empty()) throw InputError("{}: has no ratings: it is empty.", label);
  RatingLayout layout;
  layout.separator = choose_separator(lines, options, label);
  layout.decimal = options.decimal.empty() ? '.' : options.decimal.front();
  layout.quotes = has_quotes(layout.separator);
  const auto first = cut(lines.front(), layout.separator);
  layout.fields = first.size();
  const bool look = options.header == HeaderRule::automatic;
  layout.header = look ? names_a_header(options.columns) : options.header == HeaderRule::yes;
  if (!options.columns.empty()) set_columns(layout, options.columns, first, label);
  if (look && !layout.header) layout.header = looks_like_header(first, lines, layout);
  if (options.columns.empty()) guess_columns(layout, first, has_fourth_number(lines, layout));
  if (std::max({layout.user, layout.item, layout.rating}) >= layout.fields) {
    throw InputError(
        "{}:1: {} has {} fields separated by {}: too few for user, item and rating. Use --columns "
        "or --separator.",
        label, escaped(lines.front()), layout.fields, separator_name(layout.separator));
  }
  return layout;
}

}  // namespace nnrec::import
