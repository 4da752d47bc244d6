#pragma once

#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "nnrec/features/extra.hpp"
#include "nnrec/features/features.hpp"
#include "nnrec/models/network.hpp"

namespace nnrec::models {

/// Sizes that a variant can be given; the defaults are the published ones. A variant ignores what
/// it does not have.
struct VariantOptions {
  std::size_t embedding_dim = 32;
  std::vector<std::size_t> hidden{};  ///< units of each hidden layer; empty: as published
  std::size_t age_units = 8;          ///< complex
  std::size_t genre_units = 4;        ///< complex
  /// On the input of each dense layer on the way to the rating; those beyond its end: none. complex
  /// declares {0, 0.3}, but inactive.
  std::vector<float> dropout{};
  bool biases = false;  ///< + training_mean + user bias + title bias
  bool dot = false;     ///< + dot( user, title ) beside the hidden layers
  float training_mean = 0.0F;
  features::ExtraSet extras{};  ///< none: the published network
  std::vector<float> levels{};  ///< of nn::Ordinal; none: ratings are scores

  std::vector<std::size_t> hidden_or(std::vector<std::size_t> published) const {
    return hidden.empty() ? std::move(published) : hidden;
  }
};

/// Of a variant's network: units of each hidden layer on the way to the rating.
std::vector<std::size_t> hidden_sizes(const Network& network);

/// Those that a network reads.
features::ExtraSet extras_of(const Network& network);

/// One variant: its name, a line for people, and how to build it.
struct Variant {
  std::string_view name;
  std::string_view summary;
  std::string_view features;  ///< that it reads where nobody says which, as parse_extras reads it
  Network (*build)(const features::TableRows& rows, const VariantOptions& options);
};

/// All variants, the published ones first and in their order. To add one: a file beside basic.cpp,
/// and its name in the list of variants.cpp.
std::span<const Variant> variants();
/// Throws UsageError that lists the names.
const Variant& find_variant(std::string_view name);

}  // namespace nnrec::models
