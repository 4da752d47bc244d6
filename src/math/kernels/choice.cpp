#include <algorithm>
#include <atomic>
#include <cstdlib>

#include "nnrec/base/error.hpp"
#include "nnrec/base/nearest_name.hpp"
#include "nnrec/math/kernels.hpp"

#include "kernel_table.hpp"

namespace nnrec::math {
namespace {

constexpr const char* kVariable = "NNREC_KERNELS";

const kernels::Kernels* find(std::string_view name) {
  for (const kernels::Kernels* kernels : kernels::vector_kernels()) {
    if (kernels->name == name) return kernels;
  }
  return name == kernels::kReference.name ? &kernels::kReference : nullptr;
}

const kernels::Kernels& chosen(std::string_view name, std::string_view place) {
  if (name == "auto") {
    const auto vectors = kernels::vector_kernels();
    return vectors.empty() ? kernels::kReference : *vectors.front();
  }
  if (const kernels::Kernels* kernels = find(name)) return *kernels;
  auto names = available_kernels();
  names.insert(names.begin(), "auto");
  throw UsageError("{}{} on this processor", place, not_one_of(name, names));
}

const kernels::Kernels& by_environment() {
  const char* name = std::getenv(kVariable);
  if (name == nullptr || *name == '\0') return chosen("auto", "");
  return chosen(name, std::string(kVariable) + ": ");
}

/// Ranks that are threads of one process each set it.
std::atomic<const kernels::Kernels*>& current() {
  static std::atomic<const kernels::Kernels*> kernels = &by_environment();
  return kernels;
}

}  // namespace

std::vector<std::string> available_kernels() {
  std::vector<std::string> names;
  for (const kernels::Kernels* kernels : kernels::vector_kernels()) {
    names.emplace_back(kernels->name);
  }
  names.emplace_back(kernels::kReference.name);
  return names;
}

void use_kernels(std::string_view name) {
  const kernels::Kernels& kernels = name == "auto" ? by_environment() : chosen(name, "");
  current().store(&kernels, std::memory_order_relaxed);
}

std::string kernels_in_use() {
  return std::string(kernels::in_use().name);
}

const kernels::Kernels& kernels::in_use() {
  return *current().load(std::memory_order_relaxed);
}

}  // namespace nnrec::math
