#include <charconv>
#include <cstring>
#include <string>

#include "nnrec/base/error.hpp"
#include "nnrec/io/atomic_file.hpp"
#include "nnrec/io/staged_folder.hpp"

#include "layouts.hpp"
#include "runs.hpp"

namespace nnrec::synthetic {
namespace {

namespace fs = std::filesystem;

/// The lines of one run. The buffer is grown to the longest line's length times the rows at once:
/// no check a field.
struct TextBlock {
  std::vector<char> buffer;
  std::size_t used = 0;
  RunTally tally;
};

/// Writes rating lines of one layout.
class RatingLines {
 public:
  RatingLines(const SyntheticSet& set, const LayoutStyle& style)
      : set_(set), values_(scale_values(set.options().scale)) {
    for (float value = values_.front(); value <= values_.back(); value += 0.5F) {
      const bool whole = value == static_cast<float>(static_cast<int>(value));
      value_texts_.push_back(fmt::format("{}{:.{}f}{}", style.separator, value,
                                         whole ? style.value_decimals : 1, style.separator));
    }
    for (std::uint64_t item = 0; item < set.options().items; ++item)
      item_texts_.push_back(fmt::format("{}{:0{}}", style.separator, item + 1, style.item_digits));
  }

  void make(const UserRun& run, const Permutation& order, TextBlock& block, RatedItems& rated,
            std::size_t thread) const {
    // Three numbers of at most 20 digits, three separators, value, line end.
    constexpr std::size_t kLongestLine = 96;
    if (block.buffer.size() < run.rows * kLongestLine) block.buffer.resize(run.rows * kLongestLine);
    char* at = block.buffer.data();
    char* const end = at + block.buffer.size();
    block.tally = {};
    for (std::uint64_t position = run.first; position < run.end; ++position) {
      const auto user = order(position);
      const auto user_text = std::to_string(user + 1);
      for (const auto& rating : set_.ratings_of(user)) {
        at = copy(at, user_text);
        at = copy(at, item_texts_[rating.item]);
        at = copy(at, value_texts_[static_cast<std::size_t>(2 * (rating.value - values_[0]))]);
        at = std::to_chars(at, end, rating.time).ptr;
        *at++ = '\n';
        block.tally.count(rating, values_[0]);
        rated.mark(rating.item, thread);
      }
    }
    block.used = static_cast<std::size_t>(at - block.buffer.data());
  }

 private:
  static char* copy(char* at, const std::string& text) {
    std::memcpy(at, text.data(), text.size());
    return at + text.size();
  }

  const SyntheticSet& set_;
  std::vector<float> values_;
  std::vector<std::string> value_texts_;  ///< by twice the value less that of the lowest
  std::vector<std::string> item_texts_;
};

SyntheticSummary write_ratings(const SyntheticSet& set, const LayoutStyle& style,
                               const math::ThreadTeam& team, SyntheticTextFile& file) {
  const auto order = synthetic_user_order(set);
  const RatingLines lines(set, style);
  RatedItems rated(set.options().items, team.size());
  RunTally tally;
  file.print("{}", style.header);
  make_runs_in_order<TextBlock>(
      synthetic_runs(set, order), team,
      [&](const UserRun& run, TextBlock& block, std::size_t thread) {
        lines.make(run, order, block, rated, thread);
      },
      [&](const TextBlock& block) {
        file.write(std::span(block.buffer).first(block.used));
        tally.add(block.tally);
      });
  return summary_of(set, tally, rated.count());
}

template <typename Write>
void write_file(const fs::path& path, const Write& write) {
  SyntheticTextFile file(path);
  write(file);
  file.close();
  io::flush_to_device(path);
}

void refuse_what_is_there(const fs::path& folder) {
  std::error_code status;
  const bool is_empty_folder = fs::is_directory(folder, status) && fs::is_empty(folder, status);
  if (fs::exists(folder, status) && !is_empty_folder)
    throw InputError("{}: is there already. Remove it, or choose another --output.",
                     folder.string());
}

}  // namespace

SyntheticSummary write_synthetic_text(const SyntheticSet& set, SyntheticLayout layout,
                                      const fs::path& folder, const math::ThreadTeam& team) {
  refuse_what_is_there(folder);
  const auto& style = style_of(layout);
  io::StagedFolder staged(folder);
  SyntheticSummary summary;
  staged.write([&] {
    write_file(staged.path() / style.ratings_file,
               [&](SyntheticTextFile& file) { summary = write_ratings(set, style, team, file); });
    for (const auto& side : style.side_files)
      write_file(staged.path() / side.name,
                 [&](SyntheticTextFile& file) { side.write(set, file); });
    write_file(staged.path() / "noise_floor.txt", [&](SyntheticTextFile& file) {
      file.print("noise_floor_rmse {:.6f}\nseed {}\n", summary.noise_floor_rmse,
                 set.options().seed);
    });
  });
  refuse_what_is_there(folder);  // Someone may have put files there in the meantime.
  staged.publish();
  return summary;
}

}  // namespace nnrec::synthetic
