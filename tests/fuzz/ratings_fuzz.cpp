// A file of ratings in memory: finding its layout, cutting lines, reading fields, numbering ids.
#include <algorithm>
#include <cmath>

#include "nnrec/import/rating_ingest.hpp"
#include "nnrec/io/text_blocks.hpp"

#include "import/delimited_reader.hpp"
#include "support.hpp"

namespace nnrec {
namespace {

/// Gives at most 50 bytes at a time, as archives do.
class MemorySource : public io::ByteSource {
 public:
  explicit MemorySource(std::string_view text) : rest_(text) {}
  std::size_t read(std::span<char> buffer) override {
    const auto count = std::min({buffer.size(), rest_.size(), std::size_t{50}});
    std::copy_n(rest_.begin(), count, buffer.begin());
    rest_.remove_prefix(count);
    return count;
  }

 private:
  std::string_view rest_;
};

void check(const importing::NumberedRatings& ratings) {
  const auto& table = ratings.table;
  for (std::size_t row = 0; row < table.rows(); ++row) {
    fuzz::require(table.user[row] < ratings.users.size() && table.item[row] < ratings.items.size(),
                  "indices are dense");
    fuzz::require(std::isfinite(table.rating[row]), "values are finite");
  }
}

}  // namespace
}  // namespace nnrec

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace nnrec;
  const auto text = fuzz::text_of(data, size);
  fuzz::allow_refusal([&] {
    importing::LayoutOptions options;
    options.now = 1'800'000'000;
    const auto layout =
        importing::find_layout({io::without_byte_order_mark(text), true}, options, "ratings");
    const importing::RatingFile file{"ratings", "ratings",
                                     [&] { return std::make_unique<MemorySource>(text); },
                                     importing::read_delimited(layout)};
    importing::RepairLog repairs(false);
    check(importing::ingest({file}, {}, math::ThreadTeam(1), repairs).ratings);
  });
  return 0;
}
