#include "nnrec/run/run_options.hpp"

#include "nnrec/base/error.hpp"
#include "nnrec/base/numbers.hpp"
#include "nnrec/base/text.hpp"

namespace nnrec::run {

std::vector<std::string> RunOptions::variant_names() const {
  std::vector<std::string> names;
  if (variant == "all") {
    for (const auto& known : models::variants()) names.emplace_back(known.name);
    return names;
  }
  for (const std::string_view name : split(variant, ',')) names.emplace_back(name);
  return names;
}

std::uint64_t RunOptions::memory_limit_bytes() const {
  return parse_byte_size(memory_limit).value_or(0);
}

namespace {

constexpr std::string_view kOrdinalUpdates = "optimizer=adam,rate=0.003";

}  // namespace

nn::UpdateOptions RunOptions::updates() const {
  nn::UpdateOptions updates{optimizer, learning_rate, groups, ema};
  // A few numbers that all ratings pull at: what is good for rows is not for them.
  if (is_ordinal())
    updates.groups.insert(updates.groups.begin(), fmt::format("ordinal:{}", kOrdinalUpdates));
  return updates;
}

train::Trainer::Options RunOptions::training() const {
  train::Trainer::Options options;
  options.batch_rows = static_cast<std::uint64_t>(batch);
  options.accumulate = static_cast<std::uint64_t>(accumulate);
  options.clip_norm = clip_norm;
  options.order = order == "blocks" ? train::OrderKind::blocks : train::OrderKind::shuffle;
  options.exchange_bits =
      exchange_bits == "32" ? train::ExchangeBits::fewer : train::ExchangeBits::all;
  options.epochs = static_cast<std::uint64_t>(epochs);
  options.sampling = train::parse_sampling(sampler);
  options.schedule = {rate_schedule, nn::parse_warm_up(warm_up), static_cast<double>(epochs)};
  return options;
}

nn::FirstWeights RunOptions::first() const {
  return {static_cast<std::uint64_t>(seed), first_weights};
}

models::VariantOptions RunOptions::sizes(double training_mean) const {
  models::VariantOptions sizes;
  sizes.embedding_dim = static_cast<std::size_t>(embedding_dim);
  sizes.hidden = parse_hidden(hidden);
  sizes.age_units = static_cast<std::size_t>(age_units);
  sizes.genre_units = static_cast<std::size_t>(genre_units);
  sizes.dropout = parse_dropout(dropout);
  sizes.biases = biases == "yes";
  sizes.dot = dot == "yes";
  sizes.training_mean = static_cast<float>(training_mean);
  return sizes;
}

features::ExtraSet RunOptions::extras(const models::Variant& of) const {
  return features::parse_extras(features == "published" ? of.features : std::string_view(features));
}

std::vector<float> parse_dropout(const std::string& text) {
  constexpr double kMost = 0.999;
  std::vector<float> rates;
  for (const std::string_view part : split(text, ',')) {
    const auto rate = parse_number<double>(part);
    if (!rate || !(*rate >= 0) || *rate > kMost) {
      throw UsageError(
          "{} is not in 0..{}, nor one such rate for the input of each dense layer with commas "
          "between, as in 0.2,0.5",
          text, kMost);
    }
    rates.push_back(static_cast<float>(*rate));
  }
  if (rates.size() == 1) rates.insert(rates.begin(), 0.0F);
  return rates;
}

std::vector<std::size_t> parse_hidden(const std::string& text) {
  constexpr std::size_t kMostLayers = 16;
  std::vector<std::size_t> sizes;
  if (text == "published") return sizes;
  for (const std::string_view part : split(text, ',')) {
    const auto units = parse_number<std::int64_t>(part);
    if (!units || *units < 1 || *units > kMostUnits || sizes.size() == kMostLayers) {
      throw UsageError(
          "{} is not published, or 1 to {} numbers in 1..{} with commas between, as in 64,16", text,
          kMostLayers, kMostUnits);
    }
    sizes.push_back(static_cast<std::size_t>(*units));
  }
  return sizes;
}

}  // namespace nnrec::run
