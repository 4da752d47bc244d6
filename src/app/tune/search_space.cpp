#include "search_space.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "nnrec/base/error.hpp"
#include "nnrec/base/numbers.hpp"
#include "nnrec/base/random.hpp"
#include "nnrec/base/text.hpp"

namespace nnrec::app {
namespace {

constexpr std::string_view kWordLetters =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_";
/// Whole numbers up to here are exact as double.
constexpr double kMostWhole = 9007199254740992.0;

bool is_whole(std::string_view number) {
  return number.find_first_not_of("+-0123456789") == std::string_view::npos;
}

/// What the place behind `front` is of: the choice's name or the option's, and the setting or which
/// of the option's places it is.
std::string label_of(const std::string& option, std::string_view front, std::size_t number) {
  const std::size_t colon = front.find(':');
  const std::string owner(colon == std::string_view::npos ? option : front.substr(0, colon));
  if (!front.ends_with('=')) return fmt::format("{}.{}", owner, number);
  front.remove_suffix(1);
  const std::size_t begin = front.find_last_not_of(kWordLetters);
  return fmt::format("{}.{}", owner, front.substr(begin == std::string_view::npos ? 0 : begin + 1));
}

}  // namespace

ValueSet::ValueSet(std::string_view text) {
  const std::size_t dots = text.find("..");
  if (dots == std::string_view::npos) {
    read_list(text);
  } else {
    read_range(text, dots);
  }
}

void ValueSet::read_range(std::string_view text, std::size_t dots) {
  const std::string_view whole_text = text;
  if (const auto colon = text.find(':'); colon != std::string_view::npos) {
    if (text.substr(colon) != ":log")
      throw UsageError("{}: behind a range only :log may stand", whole_text);
    is_logarithmic_ = true;
    text = text.substr(0, colon);
  }
  const std::string_view from = text.substr(0, dots);
  const std::string_view to = text.substr(dots + 2);
  const auto low = parse_number<double>(from);
  const auto high = parse_number<double>(to);
  if (!low || !high || !std::isfinite(*low) || !std::isfinite(*high))
    throw UsageError("{}: is no range of two numbers, as in 0.001..0.02:log", whole_text);
  if (!(*low < *high)) throw UsageError("{}: the lower end comes first", whole_text);
  if (is_logarithmic_ && !(*low > 0))
    throw UsageError("{}: a logarithmic range is above 0", whole_text);
  kind_ = is_whole(from) && is_whole(to) ? Kind::whole : Kind::real;
  if (kind_ == Kind::whole && std::max(-*low, *high) >= kMostWhole)
    throw UsageError("{}: whole numbers lie below 2^53", whole_text);
  low_ = *low;
  high_ = *high;
}

void ValueSet::read_list(std::string_view text) {
  const char separator = text.find('|') == std::string_view::npos ? ',' : '|';
  for (const std::string_view part : split(text, separator)) {
    std::string value(part);
    if (value.empty()) throw UsageError("{}: has an empty value", text);
    if (std::ranges::find(values_, value) != values_.end())
      throw UsageError("{}: has {} twice", text, value);
    values_.push_back(std::move(value));
  }
}

double ValueSet::between(double low, double high, double uniform) const {
  if (!is_logarithmic_) return low + uniform * (high - low);
  return low * std::exp(uniform * std::log(high / low));
}

std::string ValueSet::at(double uniform) const {
  switch (kind_) {
    case Kind::list:
      return values_[static_cast<std::size_t>(uniform * static_cast<double>(values_.size()))];
    case Kind::whole:
      // Each whole number owns the stretch up to the next.
      return fmt::format("{:.0f}", std::min(high_, std::floor(between(low_, high_ + 1, uniform))));
    case Kind::real:
      return fmt::format("{:.4g}", between(low_, high_, uniform));
  }
  throw InternalError("unknown kind of a set of values");
}

NamedText split_option(std::string_view text) {
  // What says where a trial trains, for how long, and from where.
  static constexpr std::array<std::string_view, 9> kOwn{
      "config", "data", "epochs", "resume", "run", "verify", "plan", "preflight", "warm-start"};
  const std::size_t equals = std::min(text.find('='), text.size());
  const NamedText option{text.substr(0, equals), text.substr(std::min(equals + 1, text.size()))};
  if (option.name.empty() || option.value.empty() || option.name.starts_with('-'))
    throw UsageError("{}: is not NAME=VALUE, with the name of an option of nnrec_dist", text);
  if (std::ranges::find(kOwn, option.name) != kOwn.end())
    throw UsageError("{}: {} is a trial's own; --data and --rungs say what all have", text,
                     option.name);
  return option;
}

SearchSpace::SearchSpace(const std::vector<std::string>& searches) {
  for (const std::string& search : searches) read(search);
}

void SearchSpace::read(const std::string& search) {
  const auto [name, value] = split_option(search);
  Option option{std::string(name), {}};
  if (value.find_first_of("{}") == std::string_view::npos) {
    try {
      places_.push_back({option.name, ValueSet(value)});
    } catch (const UsageError& error) {
      throw UsageError("{}={}", name, error.what());
    }
    option.texts = {"", ""};
  } else {
    read_places(search, value, option);
  }
  options_.push_back(std::move(option));
}

void SearchSpace::read_places(const std::string& search, std::string_view value, Option& option) {
  std::size_t begin = 0;
  for (std::size_t open = 0; (open = value.find('{', begin)) != std::string_view::npos;) {
    const std::size_t close = value.find_first_of("{}", open + 1);
    if (close == std::string_view::npos || value[close] == '{') break;
    option.texts.emplace_back(value.substr(begin, open - begin));
    const std::string label = label_of(option.name, value.substr(0, open), option.texts.size());
    try {
      places_.push_back({label, ValueSet(value.substr(open + 1, close - open - 1))});
    } catch (const UsageError& error) {
      throw UsageError("{}: in the braces {}", search, error.what());
    }
    begin = close + 1;
  }
  option.texts.emplace_back(value.substr(begin));
  if (option.texts.back().find_first_of("{}") != std::string::npos)
    throw UsageError("{}: a brace has no other; {{...}} hold what is drawn", search);
}

TrialDraw SearchSpace::draw(std::uint64_t seed, std::uint64_t trial) const {
  const CounterRandom random(seed, Purpose::tuning_trials, trial);
  TrialDraw drawn;
  for (const Option& option : options_) {
    std::string text = option.name + " = " + option.texts.front();
    for (std::size_t i = 1; i < option.texts.size(); ++i) {
      const std::size_t place = drawn.values.size();
      drawn.values.push_back(places_[place].values.at(random.uniform(place)));
      text += drawn.values.back() + option.texts[i];
    }
    drawn.options.push_back(std::move(text));
  }
  return drawn;
}

}  // namespace nnrec::app
