#include "nnrec/models/variants.hpp"

#include <array>
#include <vector>

#include "nnrec/base/error.hpp"
#include "nnrec/base/nearest_name.hpp"

namespace nnrec::models {

using Build = Network(const features::TableRows& rows, const VariantOptions& options);
Build build_basic, build_one_layer, build_enriched, build_complex, build_fm, build_deep_fm;

std::span<const Variant> variants() {
  static constexpr std::array kVariants{
      Variant{"basic", "matrix factorisation: dot(user, title)", "none", &build_basic},
      Variant{"one_layer", "user and title through one hidden layer", "none", &build_one_layer},
      Variant{"enriched", "with timestamps and title words", "none", &build_enriched},
      Variant{"complex", "with age and genres, two hidden layers", "none", &build_complex},
      Variant{"fm", "factorisation machine: biases, pairs of user, title, words", "none",
              &build_fm},
      Variant{"deep_fm", "factorisation machine of all that the set has, and a hidden layer", "all",
              &build_deep_fm},
  };
  return kVariants;
}

const Variant& find_variant(std::string_view name) {
  std::vector<std::string> known;
  for (const Variant& variant : variants()) {
    if (variant.name == name) return variant;
    known.emplace_back(variant.name);
  }
  throw UsageError("{}", not_one_of(name, known));
}

}  // namespace nnrec::models
