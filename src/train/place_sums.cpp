#include "nnrec/train/place_sums.hpp"

#include <algorithm>

namespace nnrec::train {

void PlaceSums::add(const PlaceSums& other) {
  for (std::size_t place = 0; place < sums_.size(); ++place) sums_[place] += other.sums_[place];
  left_out_ += other.left_out_;
}

void PlaceSums::sum(comm::Communicator& ranks) {
  std::vector<std::int64_t> words;
  words.reserve(sums_.size() * WideSum::kWords + 1);
  for (const WideSum& sum : sums_) {
    const auto of_sum = sum.words();
    words.insert(words.end(), of_sum.begin(), of_sum.end());
  }
  words.push_back(left_out_);
  ranks.sum(words);
  for (std::size_t place = 0; place < sums_.size(); ++place) {
    WideSum::Words of_sum;
    std::copy_n(words.begin() + static_cast<std::ptrdiff_t>(place * WideSum::kWords), of_sum.size(),
                of_sum.begin());
    sums_[place] = WideSum(of_sum);
  }
  left_out_ = words.back();
}

}  // namespace nnrec::train
