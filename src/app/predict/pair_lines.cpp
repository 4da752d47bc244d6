#include "pair_lines.hpp"

#include <algorithm>
#include <array>
#include <cctype>

#include "nnrec/base/error.hpp"
#include "nnrec/base/numbers.hpp"
#include "nnrec/base/text.hpp"

namespace nnrec::app {
namespace {

/// In the order in which they are looked for: the rarer one within an id first.
constexpr std::array<const char*, 5> kSeparators{"\t", "::", ",", ";", " "};

/// The fields of a line, one after the other.
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
    return field;
  }

 private:
  std::string_view rest_;
  std::string_view separator_;
  bool is_over_ = false;
};

bool is_letter(char c) {
  return std::isalpha(static_cast<unsigned char>(c)) != 0;
}

}  // namespace

PairLines::PairLines(std::string label, std::string_view first_line) : label_(std::move(label)) {
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
}

bool PairLines::is_header(std::string_view first_line) const {
  LineFields fields(first_line, separator_);
  const auto user = fields.next();
  const auto item = fields.next();
  constexpr std::string_view kUser = "user";
  const bool names_user = user->size() >= kUser.size() &&
                          std::ranges::equal(user->substr(0, kUser.size()), kUser, {}, to_lower);
  return names_user && item && !item->empty() &&
         std::ranges::all_of(*user, [](char c) { return is_letter(c) || c == '_' || c == ' '; }) &&
         is_letter(item->front());
}

PairLine PairLines::parse(std::string_view line, std::uint64_t number) const {
  LineFields fields(line, separator_);
  const auto user = fields.next();
  const auto item = fields.next();
  if (!item || user->empty() || item->empty()) {
    throw InputError(
        "{}:{}: '{}' is not a user and an item with '{}' between, as the first line "
        "has it",
        label_, number, line.substr(0, 80), separator_ == "\t" ? "tab" : separator_);
  }
  PairLine pair{*user, *item, std::nullopt};
  const auto time = fields.next();
  if (!time || time->empty()) return pair;
  pair.time = parse_number<std::int64_t>(*time);
  if (!pair.time) {
    throw InputError(
        "{}:{}: time = {} is no whole number of Unix seconds; leave the third field "
        "out to predict for --at",
        label_, number, time->substr(0, 40));
  }
  return pair;
}

}  // namespace nnrec::app
