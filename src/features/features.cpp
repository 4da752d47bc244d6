#include "nnrec/features/features.hpp"

#include <algorithm>
#include <cmath>

#include "nnrec/base/error.hpp"
#include "nnrec/features/row_names.hpp"

namespace nnrec::features {
namespace {

constexpr std::uint32_t kOutOfVocabularyWord = 1;

shards::ListColumn word_rows(const shards::ListColumn& title_words) {
  shards::ListColumn rows = title_words;
  for (std::uint32_t& word : rows.values) {
    word = word + kFirstWordRow < kWordRows ? word + kFirstWordRow : kOutOfVocabularyWord;
  }
  return rows;
}

std::vector<std::uint32_t> genre_slot_rows(const shards::ListColumn& item_genres) {
  const std::size_t items = item_genres.offsets.size() - 1;
  std::vector<std::uint32_t> slots(items * kGenreSlots, 0);  // empty slots: out of vocabulary
  for (std::size_t item = 0; item < items; ++item) {
    const std::uint64_t begin = item_genres.offsets[item];
    const std::size_t count =
        std::min<std::size_t>(item_genres.offsets[item + 1] - begin, kGenreSlots);
    for (std::size_t slot = 0; slot < count; ++slot) {
      slots[item * kGenreSlots + slot] = item_genres.values[begin + slot] + 1;
    }
  }
  return slots;
}

}  // namespace

Features::Features(const shards::ShardSet& set)
    : title_words_(word_rows(set.catalogue().title_words)),
      genre_slots_(genre_slot_rows(set.catalogue().item_genres)),
      user_ages_(set.catalogue().user_ages),
      has_time_(set.manifest().has_time),
      has_genres_(!set.catalogue().genres.empty()),
      times_{set.manifest().time_min, set.manifest().time_max},
      time_mean_(set.manifest().time_mean) {
  const shards::Manifest& manifest = set.manifest();
  table_rows_ = features::table_rows(row_names(set));
  // One moment for all ratings has no spread to divide by; every normalised time is then 0.
  if (manifest.time_variance > 0) time_deviation_ = std::sqrt(manifest.time_variance);
}

void Features::require(const ColumnSet& wanted) const {
  const bool wants_time =
      wanted.has(IdColumn::timestamp_bucket) || wanted.has(ScalarColumn::normalised_timestamp);
  if (wants_time && !has_time_) {
    throw InputError("needs timestamps, and the data set has none");
  }
  if (wanted.has(ScalarColumn::age)) {
    const auto unknown =
        std::ranges::count_if(user_ages_, [](float age) { return std::isnan(age); });
    if (user_ages_.empty() || unknown > 0) {
      throw InputError(
          "needs the age of every user, and the data set lacks {}",
          user_ages_.empty() ? std::string("all of them") : fmt::format("{} of them", unknown));
    }
  }
  if (wanted.has(BagColumn::genres) && !has_genres_) {
    throw InputError("needs genres, and the data set has none");
  }
}

std::size_t Features::most_values(BagColumn column) const noexcept {
  if (column == BagColumn::genres) return kGenreSlots;
  std::uint64_t most = 0;
  for (std::size_t title = 0; title + 1 < title_words_.offsets.size(); ++title) {
    most = std::max<std::uint64_t>(most,
                                   title_words_.offsets[title + 1] - title_words_.offsets[title]);
  }
  return most;
}

std::span<const std::uint32_t> Features::title_words(std::uint32_t title) const {
  const std::uint64_t begin = title_words_.offsets[title];
  return std::span(title_words_.values).subspan(begin, title_words_.offsets[title + 1] - begin);
}

std::span<const std::uint32_t> Features::genre_slots(std::uint32_t item) const {
  return std::span(genre_slots_).subspan(item * kGenreSlots, kGenreSlots);
}

std::uint32_t timestamp_bucket(std::int64_t time, const TimeRange& range) noexcept {
  if (time < range.first) return 0;
  if (time >= range.last) return kTimestampBoundaries;
  // Boundary i is min + i * (max - min) / 999; in integers, so that no rounding moves a rating.
  // Wide ones: the distance of two times may need 64 bits and a sign.
  __extension__ using Wide = __int128;
  const Wide past = (static_cast<Wide>(time) - range.first) * (kTimestampBoundaries - 1);
  return static_cast<std::uint32_t>(past / (static_cast<Wide>(range.last) - range.first)) + 1;
}

float Features::normalised_timestamp(std::int64_t time) const noexcept {
  return static_cast<float>((static_cast<double>(time) - time_mean_) / time_deviation_);
}

void Features::gather(const shards::RatingColumns& columns, std::span<const std::uint64_t> rows,
                      const ColumnSet& wanted, Batch& batch) const {
  gather_part(columns, rows, wanted, {0, rows.size()}, batch);
}

void Features::gather_part(const shards::RatingColumns& columns,
                           std::span<const std::uint64_t> rows, const ColumnSet& wanted, Range part,
                           Batch& batch) const {
  batch.rows = rows.size();
  const auto fill_values = [&](auto& values, const auto& value_of_row) {
    values.resize(rows.size());
    for (std::size_t i = part.begin; i < part.end; ++i) values[i] = value_of_row(rows[i]);
  };
  const auto fill = [&](auto column, const auto& value_of_row) {
    if (wanted.has(column)) fill_values(batch[column], value_of_row);
  };
  const auto fill_bags = [&](BagColumn column, const auto& list_of_row) {
    if (!wanted.has(column)) return;
    BagValues& bags = batch[column];
    bags.offsets.assign(part.begin + 1, 0);
    bags.values.clear();
    for (std::size_t i = part.begin; i < part.end; ++i) {
      const auto list = list_of_row(rows[i]);
      bags.values.insert(bags.values.end(), list.begin(), list.end());
      bags.offsets.push_back(static_cast<std::uint32_t>(bags.values.size()));
    }
    bags.offsets.resize(rows.size() + 1, bags.offsets.back());
  };
  if (wanted.rating) {
    fill_values(batch.rating, [&](std::uint64_t row) { return columns.rating[row]; });
  }
  fill(IdColumn::user, [&](std::uint64_t row) { return columns.user[row] + 1; });
  fill(IdColumn::title, [&](std::uint64_t row) { return columns.title[row] + 1; });
  fill(IdColumn::timestamp_bucket,
       [&](std::uint64_t row) { return timestamp_bucket(columns.timestamp[row]); });
  fill(ScalarColumn::age, [&](std::uint64_t row) { return user_ages_[columns.user[row]]; });
  fill(ScalarColumn::normalised_timestamp,
       [&](std::uint64_t row) { return normalised_timestamp(columns.timestamp[row]); });
  fill_bags(BagColumn::title_words,
            [&](std::uint64_t row) { return title_words(columns.title[row]); });
  fill_bags(BagColumn::genres, [&](std::uint64_t row) { return genre_slots(columns.item[row]); });
}

}  // namespace nnrec::features
