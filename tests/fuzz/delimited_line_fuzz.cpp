// Lines of any layout: the first two bytes choose separator, columns and rules.
#include <array>

#include "rating_lines.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace nnrec;
  if (size < 2) return 0;
  constexpr std::array kSeparators{",", ";", "\t", "::", "|", " ", "ab", "\""};
  importing::RatingLayout layout;
  layout.separator = kSeparators[data[0] % kSeparators.size()];
  layout.quoting = (data[0] & 0x8) != 0 ? importing::Quoting::rfc4180 : importing::Quoting::none;
  layout.decimal = (data[0] & 0x10) != 0 ? ',' : '.';
  layout.user = data[0] / 0x20 % 4;
  layout.item = data[1] % 4;
  layout.rating = data[1] / 4 % 4;
  if ((data[1] & 0x10) != 0) layout.time = 3;
  layout.fields = 4;
  importing::RatingRules rules;
  rules.integer_ids = (data[1] & 0x20) != 0;
  if ((data[1] & 0x40) != 0) rules.scale = shards::RatingScale{-1, 10};
  rules.out_of_range =
      (data[1] & 0x80) != 0 ? importing::OutOfRange::clip : importing::OutOfRange::drop;
  fuzz::parse_lines(fuzz::text_of(data, size).substr(2), layout, rules);
  return 0;
}
