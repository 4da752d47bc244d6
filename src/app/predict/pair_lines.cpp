#include "pair_lines.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <vector>

#include "nnrec/base/error.hpp"
#include "nnrec/base/numbers.hpp"
#include "nnrec/base/text.hpp"
#include "nnrec/import/column_names.hpp"
#include "nnrec/import/times.hpp"

namespace nnrec::app {
namespace {

/// In the order in which they are looked for: the rarer one within an id first.
constexpr std::array<const char*, 5> kSeparators{"\t", "::", ",", ";", " "};

/// The fields of a line, one after the other, as people mean them: without blanks around them and,
/// between commas or semicolons, without quotes around them.
class LineFields {
 public:
  LineFields(std::string_view line, std::string_view separator)
      : rest_(line), separator_(separator) {}

  /// Nothing where the line has ended.
  std::optional<std::string_view> next() {
    if (is_over_) return std::nullopt;
    const std::size_t end = rest_.find(separator_);
    const std::string_view field = rest_.substr(0, end);
    is_over_ = end == std::string_view::npos;
    if (!is_over_) rest_.remove_prefix(end + separator_.size());
    return unquoted(trimmed(field));
  }

 private:
  static std::string_view trimmed(std::string_view field) {
    const auto first = std::min(field.find_first_not_of(' '), field.size());
    field.remove_prefix(first);
    return field.substr(0, field.find_last_not_of(' ') + 1);
  }
  std::string_view unquoted(std::string_view field) const {
    const bool is_csv = separator_ == "," || separator_ == ";";
    if (!is_csv || field.size() < 2 || field.front() != '"' || field.back() != '"') return field;
    return field.substr(1, field.size() - 2);
  }

  std::string_view rest_;
  std::string_view separator_;
  bool is_over_ = false;
};

/// A quote that is not around a whole field: the separator is within an id, or the line is JSON.
bool has_open_quote(std::string_view field) {
  return field.find('"') != std::string_view::npos;
}

/// A first line that is no pair of ids: "user..." stands in front of another name.
bool is_of_names(std::string_view user, std::string_view item) {
  const auto is_letter = [](char c) { return std::isalpha(static_cast<unsigned char>(c)) != 0; };
  constexpr std::string_view kUser = "user";
  const bool names_user = user.size() >= kUser.size() &&
                          std::ranges::equal(user.substr(0, kUser.size()), kUser, {}, to_lower);
  return names_user && !item.empty() &&
         std::ranges::all_of(user, [&](char c) { return is_letter(c) || c == '_' || c == ' '; }) &&
         is_letter(item.front());
}

}  // namespace

PairLines::PairLines(std::string label, std::string_view first_line, std::int64_t now)
    : label_(std::move(label)), now_(now) {
  if (first_line.find('\0') != std::string_view::npos) {
    throw InputError("{}:1: has a zero byte: it is UTF-16, or no text. Save it as UTF-8.", label_);
  }
  const auto found = std::ranges::find_if(kSeparators, [&](const char* separator) {
    return first_line.find(separator) != std::string_view::npos;
  });
  if (found == kSeparators.end()) {
    throw InputError(
        "{}:1: '{}' has no tab, ::, comma, semicolon or blank between two fields; give lines of "
        "user, item and perhaps a time",
        label_, first_line.substr(0, 40));
  }
  separator_ = *found;
  bind_by_names(first_line);
}

void PairLines::bind_by_names(std::string_view header) {
  using importing::Role;
  std::array<std::vector<std::size_t>, importing::kRoles.size()> named;
  const auto of = [&](Role role) -> auto& {
    return named[static_cast<std::size_t>(role)];
  };
  std::vector<std::string_view> names;
  LineFields fields(header, separator_);
  for (auto name = fields.next(); name; name = fields.next()) {
    if (const auto role = importing::role_of(*name)) of(*role).push_back(names.size());
    names.push_back(*name);
  }
  has_header_ =
      (!of(Role::user).empty() && !of(Role::item).empty()) || is_of_names(names[0], names[1]);
  if (!has_header_) return;
  if (of(Role::user).size() != 1 || of(Role::item).size() != 1 || of(Role::time).size() > 1) {
    throw InputError(
        "{}:1: '{}' does not name one user and one item, and one time at most. Name them user, "
        "item "
        "and time.",
        label_, header.substr(0, 80));
  }
  user_ = of(Role::user).front();
  item_ = of(Role::item).front();
  time_ = of(Role::time).empty() ? std::nullopt : std::optional(of(Role::time).front());
}

PairLine PairLines::parse(std::string_view line, std::uint64_t number) const {
  LineFields fields(line, separator_);
  PairLine pair;
  std::string_view time;
  const auto last = std::max({user_, item_, time_.value_or(0)});
  for (std::size_t field = 0; field <= last; ++field) {
    const auto text = fields.next();
    if (!text) break;
    if (field == user_) pair.user = *text;
    if (field == item_) pair.item = *text;
    if (field == time_) time = *text;
  }
  if (pair.user.empty() || pair.item.empty()) {
    throw InputError(
        "{}:{}: '{}' is not a user and an item with '{}' between, as the first line "
        "has it",
        label_, number, line.substr(0, 80), separator_ == "\t" ? "tab" : separator_);
  }
  if ((separator_ == "," || separator_ == ";") &&
      (has_open_quote(pair.user) || has_open_quote(pair.item))) {
    throw InputError(
        "{}:{}: '{}' has a quote within a field, so where it ends is not known; put tabs between "
        "the "
        "fields, without quotes",
        label_, number, line.substr(0, 80));
  }
  if (!time.empty()) pair.time = time_of(time, number);
  return pair;
}

std::int64_t PairLines::time_of(std::string_view text, std::uint64_t number) const {
  const auto time = parse_number<std::int64_t>(text);
  if (!time) {
    throw InputError(
        "{}:{}: time = {} is no whole number of Unix seconds; leave the field out to predict for "
        "--at",
        label_, number, text.substr(0, 40));
  }
  if (!has_header_ && !importing::is_likely_time(*time, now_)) {
    throw InputError(
        "{}:{}: field 3 = {} does not look like a time (Unix seconds from 1990 to now), and "
        "nothing "
        "says what it is; leave it out, or name the fields in a first line: user{}item{}rating, "
        "user{}item{}time",
        label_, number, *time, separator_, separator_, separator_, separator_);
  }
  return *time;
}

}  // namespace nnrec::app
