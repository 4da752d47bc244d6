#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace nnrec::math {

/// The hot loops (products, dots, exact sums) stand in the program once for each set of
/// instructions, and the fastest that the processor has is taken. Which one decides no bit: each
/// element of a product is one chain of fused multiply-adds over the inner index, each dot is made
/// in kDotLanes lanes, whatever the width of a vector.

/// Lane l of a dot product adds the elements l, l + 16, l + 32, ... by fused multiply-adds; the
/// lanes are then added as halves: l and l + 8, l and l + 4, l and l + 2, l and l + 1.
inline constexpr std::size_t kDotLanes = 16;

/// Those that this processor can run, the fastest first: of avx512, avx2, neon, and always
/// reference, plain C++ that the others are tested against.
std::vector<std::string> available_kernels();

/// From now on `name` of available_kernels(), or "auto": NNREC_KERNELS of the environment where it
/// is set, else the fastest. Throws UsageError for others. Not while kernels run.
void use_kernels(std::string_view name);

std::string kernels_in_use();

}  // namespace nnrec::math
