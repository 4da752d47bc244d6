#include "needed.hpp"

namespace nnrec::programs {
namespace {

// Preprocessor names exist or not; a macro that does not exist stands for itself in text.
constexpr bool is_defined(const char* text) {
  return text[0] == '1' && text[1] == '\0';
}
#define NNREC_TEXT_OF(macro) #macro
#define NNREC_HAS(macro) is_defined(NNREC_TEXT_OF(macro))

}  // namespace

// Data alone, made by the compiler: nothing here runs before the check.
constinit const NeededInstructions kNeededInstructions{
    NNREC_HAS(__SSE4_2__), NNREC_HAS(__AVX__), NNREC_HAS(__AVX2__),
    NNREC_HAS(__BMI2__),   NNREC_HAS(__FMA__), NNREC_HAS(__AVX512F__)};

}  // namespace nnrec::programs
