#include <algorithm>
#include <array>
#include <limits>
#include <utility>

#include "nnrec/base/error.hpp"
#include "nnrec/base/numbers.hpp"
#include "nnrec/base/wording.hpp"
#include "nnrec/import/column_names.hpp"
#include "nnrec/import/rating_layout.hpp"
#include "nnrec/import/text.hpp"
#include "nnrec/import/times.hpp"

#include "field_values.hpp"
#include "head_table.hpp"

namespace nnrec::importing {
namespace {

using Columns = std::array<std::optional<std::size_t>, kRoles.size()>;
using Names = std::vector<std::string>;

constexpr std::size_t kNamesToList = 24;
constexpr const char* kMatrix =
    " A matrix of users by items is read with --format matrix (--missing names its values for no "
    "rating).";
/// No scale of ratings reaches farther.
constexpr float kMostRating = 1000;

std::size_t at(Role role) {
  return static_cast<std::size_t>(role);
}

bool is_number(std::string_view text, char decimal) {
  std::string pointed(text);
  if (decimal != '.') std::replace(pointed.begin(), pointed.end(), decimal, '.');
  float value = 0;
  return parse_decimal(pointed, value);
}

bool is_of_capitals_and_digits(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z'); });
}
/// "0439886341" (an ISBN), "B00004CQT3".
bool is_amazon_product(std::string_view text) {
  return text.size() == 10 && is_of_capitals_and_digits(text);
}
/// "A1YJEY40YUW4SE".
bool is_amazon_reviewer(std::string_view text) {
  return text.size() > 10 && text.front() == 'A' && is_of_capitals_and_digits(text);
}

/// Names as they are written, each in quotes.
std::string quoted(Names names) {
  for (auto& name : names) name = escaped(name);
  return listed(names, kNamesToList);
}

/// In quotes where a shell would cut or change it.
std::string for_a_shell(std::string_view text) {
  const bool is_plain = std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
           std::string_view("_-=,.:/").find(c) != std::string_view::npos;
  });
  if (is_plain) return std::string(text);
  std::string quoted = "'";
  for (const char c : text) {
    quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  }
  return quoted + "'";
}

/// Binds columns to roles and says why, or why not.
class Binder {
 public:
  Binder(HeadTable table, const LayoutOptions& options, const std::string& label)
      : table_(std::move(table)),
        options_(options),
        label_(label),
        first_(table_.records.front()),
        times_({}, {'.', options.time_format}) {
    layout_.separator = table_.separator;
    layout_.quoting = table_.quoting;
    layout_.decimal = options.decimal.empty() ? '.' : options.decimal.front();
    layout_.fields = table_.fields();
    layout_.time_format = options.time_format;
  }

  RatingLayout bind() {
    require_no_brackets();
    layout_.header = has_header();
    if (!options_.columns.empty()) {
      bind_as_told();
    } else if (layout_.header) {
      bind_by_names();
    } else if (!options_.known_order.empty()) {
      bind_in_known_order();
    } else {
      bind_in_usual_order();
    }
    layout_.user = *columns_[at(Role::user)];
    layout_.item = *columns_[at(Role::item)];
    layout_.rating = *columns_[at(Role::rating)];
    layout_.time = columns_[at(Role::time)];
    if (layout_.time && options_.time_format.empty()) require_no_days(*layout_.time);
    if (!layout_.time && !options_.time_format.empty()) refuse_time_format();
    say_what_is_left();
    return std::move(layout_);
  }

 private:
  // The header.
  bool has_header() const;
  std::size_t first_record() const { return layout_.header ? 1 : 0; }
  bool column_below_is_numeric(std::size_t column) const;

  // The ways of binding.
  void bind_as_told();
  void bind_by_names();
  void bind_in_known_order();
  void bind_in_usual_order();
  void bind(Role role, std::size_t column, const std::string& why);
  std::size_t column_told(std::string_view text) const;
  std::optional<std::size_t> named(Role role) const;
  std::size_t timed(const std::vector<std::size_t>& candidates) const;
  void require_ratings(std::size_t column) const;
  void require_no_numbered_names() const;
  void require_users_first(std::size_t start) const;
  void require_no_brackets() const;
  void require_no_days(std::size_t column) const;
  void say_what_is_left();

  // What values look like.
  bool is_time(std::string_view text) const;
  bool is_column_of_times(std::size_t column) const;
  bool is_column_of_days(std::size_t column, const char* pattern, std::size_t digits) const;
  bool counts_lines(std::size_t column) const;
  bool is_empty_column(std::size_t column) const;
  bool is_text_column(std::size_t column) const;

  // Why not.
  [[noreturn]] void refuse_header(const std::string& what) const;
  [[noreturn]] void refuse_order(std::size_t fields) const;
  [[noreturn]] void refuse_time_format() const;
  std::string columns_to_complete() const;
  std::string name_or_position(std::size_t column) const;
  std::string place() const { return fmt::format("{}:1", label_); }

  HeadTable table_;
  const LayoutOptions& options_;
  const std::string& label_;
  const Names first_;
  FieldValues times_;
  RatingLayout layout_;
  Columns columns_;
};

/// Lists of Python or JSON, a line each: the brackets would become a part of the first and the last
/// value.
void Binder::require_no_brackets() const {
  const bool all =
      std::all_of(table_.records.begin(), table_.records.end(), [](const auto& record) {
        auto last = std::find_if(record.rbegin(), record.rend(),
                                 [](const std::string& field) { return !field.empty(); });
        if (last == record.rend()) return false;
        const auto& first = record.front();
        return (first.starts_with('[') && last->ends_with(']')) ||
               (first.starts_with('(') && last->ends_with(')'));
      });
  if (!all) return;
  throw InputError(
      "{}: {} is a list between brackets, as Python and JSON write it, not fields between "
      "separators. Take the brackets away: tr -d '[]()' < FILE > ratings.csv",
      place(), escaped(table_.first_line));
}

bool Binder::column_below_is_numeric(std::size_t column) const {
  const auto below = table_.column(column, 1);
  return !below.empty() && std::all_of(below.begin(), below.end(), [&](std::string_view text) {
    return is_number(text, layout_.decimal);
  });
}

/// A first record of names: names of two roles, or of one above numbers, or no number at all where
/// the next record has one.
bool Binder::has_header() const {
  if (options_.header != HeaderRule::automatic) return options_.header == HeaderRule::yes;
  std::array<bool, kRoles.size()> roles{};
  bool above_numbers = false;
  for (std::size_t column = 0; column < first_.size(); ++column) {
    const auto role = role_of(first_[column]);
    if (!role) continue;
    roles[at(*role)] = true;
    above_numbers = above_numbers || column_below_is_numeric(column);
  }
  const auto named = std::count(roles.begin(), roles.end(), true);
  if (named >= 2 || (named == 1 && above_numbers)) return true;
  const auto number = [&](const std::string& text) { return is_number(text, layout_.decimal); };
  if (std::any_of(first_.begin(), first_.end(), number)) return false;
  if (table_.records.size() < 2) return named > 0;
  const auto& second = table_.records[1];
  return std::any_of(second.begin(), second.end(), number);
}

void Binder::bind(Role role, std::size_t column, const std::string& why) {
  columns_[at(role)] = column;
  layout_.evidence.push_back(
      fmt::format("{} = column {}{}, {}", role_name(role), column + 1,
                  layout_.header ? fmt::format(" {}", escaped(first_[column])) : "", why));
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

/// The column that `text`, a name in the header or a position from 1, stands for.
std::size_t Binder::column_told(std::string_view text) const {
  const auto same = std::count(first_.begin(), first_.end(), text);
  if (layout_.header && same > 1) {
    throw InputError("{}: {} columns are named {}. Give --columns their positions.", place(), same,
                     escaped(text));
  }
  if (layout_.header && same == 1) {
    return static_cast<std::size_t>(std::find(first_.begin(), first_.end(), text) - first_.begin());
  }
  const auto position = parse_number<std::size_t>(text);
  if (position && *position >= 1 && *position <= first_.size()) return *position - 1;
  throw InputError("{}: there is no column {}: {}. Correct --columns.", place(), escaped(text),
                   layout_.header
                       ? fmt::format("the header has {}", quoted(first_))
                       : fmt::format("without a header use positions 1 to {}", first_.size()));
}

void Binder::bind_as_told() {
  const auto pairs = column_pairs(options_.columns);
  // A column that is called by its name says that there is a header.
  const bool names = std::any_of(pairs.begin(), pairs.end(), [](const auto& pair) {
    return !parse_number<std::size_t>(pair.second);
  });
  if (names && options_.header == HeaderRule::automatic) layout_.header = true;
  for (const auto& [name, column] : pairs) {
    const auto known = std::find_if(kRoles.begin(), kRoles.end(),
                                    [&name = name](Role role) { return name == role_name(role); });
    if (known == kRoles.end()) {
      throw UsageError("--columns: {} is not user, item, rating or time", escaped(name));
    }
    if (columns_[at(*known)]) throw UsageError("--columns: {} is named twice", name);
    const auto told = column_told(column);
    for (const auto other : kRoles) {
      if (columns_[at(other)] != told) continue;
      throw UsageError("--columns: {} and {} are both column {}. Give each its own.",
                       role_name(std::min(other, *known)), role_name(std::max(other, *known)),
                       told + 1);
    }
    bind(*known, told, "by --columns");
  }
  if (!columns_[at(Role::user)] || !columns_[at(Role::item)] || !columns_[at(Role::rating)]) {
    throw UsageError("--columns must name user, item and rating, for example {}",
                     "user=1,item=2,rating=3,time=4");
  }
}

/// The one column that is named so. An id stands for itself where its noun has a column, too.
std::optional<std::size_t> Binder::named(Role role) const {
  std::vector<std::size_t> found;
  for (std::size_t column = 0; column < first_.size(); ++column) {
    if (role_of(first_[column]) == role) found.push_back(column);
  }
  if (found.empty()) return std::nullopt;
  if (found.size() == 1) return found.front();
  if (role == Role::time) return timed(found);
  Names names;
  std::vector<std::size_t> ids;
  bool one_noun = true;
  for (const auto column : found) {
    names.push_back(first_[column]);
    one_noun = one_noun && same_noun(first_[column], first_[found.front()]);
    if (is_id(first_[column])) ids.push_back(column);
  }
  if (one_noun && ids.size() == 1) return ids.front();
  refuse_header(
      fmt::format("{} columns are named as {}: {}", found.size(), role_name(role), quoted(names)));
}

/// Of several times the one that is a number, where only one is.
std::size_t Binder::timed(const std::vector<std::size_t>& candidates) const {
  std::vector<std::size_t> numbers;
  Names names;
  for (const auto column : candidates) {
    names.push_back(first_[column]);
    if (column_below_is_numeric(column) && is_column_of_times(column)) numbers.push_back(column);
  }
  if (numbers.size() == 1) return numbers.front();
  refuse_header(fmt::format("{} columns are named as time: {}", candidates.size(), quoted(names)));
}

void Binder::bind_by_names() {
  for (const auto role : kRoles) {
    if (const auto column = named(role)) bind(role, *column, "by its name");
  }
  for (const auto role : {Role::user, Role::item, Role::rating}) {
    if (!columns_[at(role)]) {
      refuse_header(fmt::format("no column is named as {}", role_name(role)));
    }
  }
}

void Binder::bind_in_known_order() {
  auto fields = layout_.fields;
  while (fields > 3 && is_empty_column(fields - 1)) --fields;
  if (fields < 3 || fields > kRoles.size()) {
    throw InputError(
        "{}: {} has {} fields separated by {}, and {} has user, item, rating and time. Use "
        "--columns or --separator.",
        place(), escaped(table_.first_line), fields, separator_name(layout_.separator),
        options_.known_order);
  }
  for (std::size_t column = 0; column < fields; ++column) {
    bind(kRoles[column], column, "the order of " + options_.known_order);
  }
}

void Binder::bind_in_usual_order() {
  require_no_numbered_names();
  auto fields = layout_.fields;
  while (fields > 3 && is_empty_column(fields - 1)) --fields;
  // A row number is known by counting, and only where a time tells the other columns.
  const std::size_t start = fields >= 5 && counts_lines(0) && is_column_of_times(4) ? 1 : 0;
  const bool time = fields > start + 3 && is_column_of_times(start + 3);
  bool rest_is_text = true;
  for (auto column = start + 4; column < fields; ++column) {
    rest_is_text = rest_is_text && is_text_column(column);
  }
  if (fields < 3 || (fields > 3 && !time) || !rest_is_text) refuse_order(fields);
  require_ratings(start + 2);
  require_users_first(start);
  bind(Role::user, start, "the usual order without a header");
  bind(Role::item, start + 1, "the usual order without a header");
  bind(Role::rating, start + 2, "the usual order without a header");
  if (time) bind(Role::time, start + 3, "its values are times from 1990 on");
}

/// A data frame without names writes 0,1,2 as its header.
void Binder::require_no_numbered_names() const {
  if (options_.header == HeaderRule::no) return;
  for (std::size_t column = 0; column < first_.size(); ++column) {
    if (first_[column] != std::to_string(column)) return;
  }
  throw InputError(
      "{}: {} may be a rating, or a header that counts the columns. Say --header no, or --header "
      "yes "
      "with --columns user=1,item=2,rating=3.",
      place(), escaped(table_.first_line));
}

/// Without a header the values must be like ratings.
void Binder::require_ratings(std::size_t column) const {
  const auto texts = table_.column(column, 0);
  std::size_t numbers = 0;
  auto least = std::numeric_limits<float>::infinity();
  auto most = -least;
  for (const auto text : texts) {
    if (!is_number(text, layout_.decimal)) continue;
    std::string pointed(text);
    std::replace(pointed.begin(), pointed.end(), layout_.decimal, '.');
    float value = 0;
    parse_decimal(pointed, value);
    least = std::min(least, value);
    most = std::max(most, value);
    ++numbers;
  }
  if (numbers * 2 < texts.size()) {
    throw InputError(
        "{}:{}: rating = {} is no number, nor are most others in this column{}. Is it a file of "
        "ratings? Use --columns to name its columns.",
        place(), column + 1, escaped(texts.front()),
        texts.front().find(',') == std::string_view::npos ? "" : " (is it --decimal ','?)");
  }
  if (options_.ratings_are_checked || (least >= -kMostRating && most <= kMostRating)) return;
  throw InputError(
      "{}:{}: without a header column {} would be the rating, and goes from {} to {}. Is it a file "
      "of ratings? If it is, say --scale lo:hi, or name the columns with --columns.",
      place(), column + 1, column + 1, least, most);
}

/// Some of Amazon's tables of ratings have the product first, and no header.
void Binder::require_users_first(std::size_t start) const {
  const auto are = [&](std::size_t column, bool (*like)(std::string_view)) {
    const auto texts = table_.column(column, 0);
    return !texts.empty() && std::all_of(texts.begin(), texts.end(), like);
  };
  if (!are(start, is_amazon_product) || !are(start + 1, is_amazon_reviewer)) return;
  const bool time = is_column_of_times(start + 3);
  throw InputError(
      "{}: column {} has ids like Amazon's products ({}), and column {} like its reviewers ({}). "
      "Say which is the user: --columns user={},item={},rating={}{}.",
      place(), start + 1, first_[start], start + 2, first_[start + 1], start + 2, start + 1,
      start + 3, time ? fmt::format(",time={}", start + 4) : "");
}

bool Binder::is_time(std::string_view text) const {
  LineRating rating;
  LineFault fault;
  return times_.time({}, text, rating, fault) && is_likely_time(rating.time, options_.now);
}

bool Binder::is_column_of_times(std::size_t column) const {
  bool some = false;
  for (const auto text : table_.column(column, first_record())) {
    if (text.empty()) continue;
    if (!is_time(text)) return false;
    some = true;
  }
  return some;
}

/// Days as numbers, 20050906, which as seconds would all be of August 1970, or seconds of days,
/// 20050906235347, which as milliseconds would be of 2605.
bool Binder::is_column_of_days(std::size_t column, const char* pattern, std::size_t digits) const {
  const TimePattern days(pattern);
  const auto texts = table_.column(column, first_record());
  return !texts.empty() && std::all_of(texts.begin(), texts.end(), [&](std::string_view text) {
    const auto seconds = text.size() == digits ? days.parse(text) : std::nullopt;
    return text.empty() || (seconds && is_likely_time(*seconds, options_.now));
  });
}

void Binder::require_no_days(std::size_t column) const {
  constexpr std::array<std::pair<const char*, const char*>, 3> kForms{
      {{"%Y%m%d", "20050906"}, {"%Y%m%d%H%M", "200509062353"}, {"%Y%m%d%H%M%S", "20050906235347"}}};
  for (const auto& [pattern, example] : kForms) {
    if (!is_column_of_days(column, pattern, std::string_view(example).size())) continue;
    throw InputError(
        "{}:{}: the times are days like {}. Say --time-format {}, or %s if they are seconds since "
        "1970.",
        place(), column + 1, example, pattern);
  }
}

bool Binder::counts_lines(std::size_t column) const {
  const auto texts = table_.column(column, first_record());
  const auto first = texts.empty() ? std::nullopt : parse_number<std::uint64_t>(texts.front());
  if (!first || *first > 1) return false;
  for (std::size_t line = 0; line < texts.size(); ++line) {
    if (parse_number<std::uint64_t>(texts[line]) != *first + line) return false;
  }
  return true;
}

bool Binder::is_empty_column(std::size_t column) const {
  const auto texts = table_.column(column, first_record());
  return std::all_of(texts.begin(), texts.end(), [](auto text) { return text.empty(); });
}

bool Binder::is_text_column(std::size_t column) const {
  const auto texts = table_.column(column, first_record());
  return std::none_of(texts.begin(), texts.end(),
                      [&](auto text) { return is_number(text, layout_.decimal); });
}

/// "row numbers", or the header's name and what is in it.
void Binder::say_what_is_left() {
  std::vector<std::string> left;
  for (std::size_t column = 0; column < layout_.fields; ++column) {
    if (std::find(columns_.begin(), columns_.end(), column) != columns_.end()) continue;
    if (left.size() == kNamesToList) {
      left.emplace_back("...");
      break;
    }
    const bool counts = counts_lines(column) && (!layout_.header || is_row_number(first_[column]));
    auto text = fmt::format("{}", column + 1);
    if (layout_.header && !first_[column].empty())
      text.append(1, ' ').append(escaped(first_[column]));
    left.push_back(counts ? text + " (row numbers)" : text);
  }
  if (left.empty()) return;
  layout_.evidence.push_back(
      fmt::format("left aside: column{} {}", plural(left.size()), fmt::join(left, ", ")));
}

/// "user=userId,item=NAME,rating=rating".
std::string Binder::columns_to_complete() const {
  std::string text;
  for (const auto role : kRoles) {
    const auto column = columns_[at(role)];
    if (!column && role == Role::time) continue;
    text += fmt::format("{}{}={}", text.empty() ? "" : ",", role_name(role),
                        column ? name_or_position(*column) : "NAME");
  }
  return for_a_shell(text);
}

/// As --columns takes it.
std::string Binder::name_or_position(std::size_t column) const {
  const auto& name = first_[column];
  const bool is_plain = !name.empty() && name.find_first_of(",=") == std::string::npos;
  return is_plain ? name : std::to_string(column + 1);
}

void Binder::refuse_header(const std::string& what) const {
  std::string kind;
  for (const auto& name : first_) {
    if (const char* holds = other_table(name); holds != nullptr && kind.empty()) {
      kind = fmt::format(" It looks like a table of {}, not of ratings.", holds);
    }
  }
  const auto numeric = [this](std::size_t column) { return column_below_is_numeric(column); };
  std::size_t numbers = 0;
  for (std::size_t column = 1; column < first_.size(); ++column) numbers += numeric(column) ? 1 : 0;
  const bool bound = std::any_of(first_.begin(), first_.end(), [](const std::string& name) {
    const auto role = role_of(name);
    return role == Role::item || role == Role::rating;
  });
  if (first_.front().starts_with('#') || first_.front().starts_with('%')) {
    kind += " If it is a comment, take it away.";
  } else if (kind.empty() && !bound && numbers > 2 && numbers + 1 == first_.size()) {
    kind += kMatrix;
  }
  throw InputError(
      "{}: {}. The header has {}.{} Complete and add --columns {} (names or positions).", place(),
      what, quoted(first_), kind, columns_to_complete());
}

void Binder::refuse_order(std::size_t fields) const {
  const auto what = fields == 4
                        ? fmt::format("the fourth of 4 columns is no time from 1990 on (it has {})",
                                      escaped(table_.records.front()[3]))
                        : fmt::format("of {} columns {} would be used", fields, fields < 3 ? 3 : 4);
  const char* matrix = fields > 4 ? kMatrix : "";
  const auto start = fields > 3 && counts_lines(0) ? 2 : 1;
  throw InputError(
      "{}: there is no header, and {}.{} Name the columns, for example --columns "
      "user={},item={},rating={}{}.",
      place(), what, matrix, start, start + 1, start + 2,
      start == 2 ? " (the first counts the lines)" : "");
}

void Binder::refuse_time_format() const {
  throw InputError(
      "{}: no column is known to have the times that --time-format is about. Name it with "
      "--columns {},time=NAME, or leave --time-format out.",
      place(), columns_to_complete());
}

}  // namespace

RatingLayout find_layout(const TextHead& head, const LayoutOptions& options,
                         const std::string& label) {
  if (head.text.find_first_not_of(" \t\r\n") == std::string_view::npos) {
    throw InputError("{}: has no ratings: it is empty.", label);
  }
  return Binder(cut_head(head, options.separator, label), options, label).bind();
}

}  // namespace nnrec::importing
