// Lines of ratings.dat: user::item::rating::time, half stars.
#include "rating_lines.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace nnrec;
  importing::RatingLayout layout;
  layout.separator = "::";
  layout.time = 3;
  layout.fields = 4;
  importing::RatingRules rules;
  rules.scale = shards::RatingScale{0.5, 5};
  fuzz::parse_lines(fuzz::text_of(data, size), layout, rules);
  return 0;
}
