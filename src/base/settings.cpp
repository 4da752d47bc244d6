#include "nnrec/base/settings.hpp"

#include <algorithm>
#include <utility>

#include "nnrec/base/error.hpp"
#include "nnrec/base/nearest_name.hpp"
#include "nnrec/base/numbers.hpp"
#include "nnrec/base/text.hpp"

namespace nnrec {

Settings::Settings(std::string owner, std::string_view text) : owner_(std::move(owner)) {
  if (text.empty()) return;
  for (const std::string_view one : split(text, ',')) {
    const auto mark = one.find('=');
    if (mark == 0 || mark == std::string_view::npos) {
      throw UsageError("{}: '{}' is not setting=value", owner_, one);
    }
    Given given{std::string(one.substr(0, mark)), std::string(one.substr(mark + 1))};
    if (std::ranges::find(given_, given.name, &Given::name) != given_.end()) {
      throw UsageError("{}: {} is given twice", owner_, given.name);
    }
    given_.push_back(std::move(given));
  }
}

const std::string* Settings::read(std::string_view name) {
  known_.emplace_back(name);
  const auto found = std::ranges::find(given_, name, &Given::name);
  if (found == given_.end()) return nullptr;
  found->is_read = true;
  return &found->value;
}

double Settings::checked(std::string_view name, const std::string& value, NumberRange range) const {
  const auto number = parse_number<double>(value);
  // Written so that a NaN is refused.
  if (!number || !(*number >= range.low && *number <= range.high)) {
    throw UsageError("{}: {} = {} is not a number in {}..{}", owner_, name, value, range.low,
                     range.high);
  }
  return *number + 0.0;  // -0 becomes 0: one spelling
}

void Settings::spell(std::string_view name, std::string_view value) {
  text_ += fmt::format("{}{}={}", text_.empty() ? "" : ",", name, value);
}

double Settings::number(std::string_view name, double initial, NumberRange range) {
  const std::string* value = read(name);
  const double number = value == nullptr ? initial : checked(name, *value, range);
  spell(name, fmt::format("{}", number));
  return number;
}

bool Settings::flag(std::string_view name, bool initial) {
  const std::string* value = read(name);
  if (value != nullptr && *value != "yes" && *value != "no") {
    throw UsageError("{}: {} = {} is not yes or no", owner_, name, *value);
  }
  const bool is_set = value == nullptr ? initial : *value == "yes";
  spell(name, is_set ? "yes" : "no");
  return is_set;
}

std::optional<double> Settings::number_if_given(std::string_view name, NumberRange range) {
  const std::string* value = read(name);
  if (value == nullptr) return std::nullopt;
  const double number = checked(name, *value, range);
  spell(name, fmt::format("{}", number));
  return number;
}

std::optional<std::string> Settings::word_if_given(std::string_view name) {
  const std::string* value = read(name);
  if (value == nullptr) return std::nullopt;
  spell(name, *value);
  return *value;
}

void Settings::hand_rest_to(Settings& other) {
  for (Given& mine : given_) {
    if (std::exchange(mine.is_read, true)) continue;
    const auto theirs = std::ranges::find(other.given_, mine.name, &Given::name);
    if (theirs == other.given_.end()) {
      other.given_.push_back({mine.name, mine.value});
    } else {
      theirs->value = mine.value;
    }
  }
  other.known_.insert(other.known_.begin(), known_.begin(), known_.end());
}

void Settings::finish() const {
  const auto unread = std::ranges::find(given_, false, &Given::is_read);
  if (unread == given_.end()) return;
  if (known_.empty())
    throw UsageError("{}: {} is given, but it has no settings", owner_, unread->name);
  throw UsageError("{}: {}", owner_, not_one_of(unread->name, known_));
}

NamedChoice split_choice(std::string_view text) {
  const auto colon = text.find(':');
  if (colon == std::string_view::npos) return {text, {}};
  return {text.substr(0, colon), text.substr(colon + 1)};
}

}  // namespace nnrec
