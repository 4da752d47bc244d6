#include "nnrec/features/features.hpp"

#include <algorithm>
#include <cmath>

#include "nnrec/base/error.hpp"
#include "nnrec/base/release.hpp"
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

std::span<const std::uint32_t> list_of(const shards::ListColumn& lists, std::uint32_t index) {
  const std::uint64_t begin = lists.offsets[index];
  return std::span(lists.values).subspan(begin, lists.offsets[index + 1] - begin);
}

std::size_t longest(const shards::ListColumn& lists) {
  std::uint64_t most = 0;
  for (std::size_t list = 0; list + 1 < lists.offsets.size(); ++list)
    most = std::max<std::uint64_t>(most, lists.offsets[list + 1] - lists.offsets[list]);
  return most;
}

/// None where the set does not have the column.
std::uint32_t row_of(const std::vector<std::uint32_t>& rows, std::uint32_t index) {
  return rows.empty() ? 0 : rows[index];
}

/// From a day's first second to the next; before 1970, too.
std::int64_t day_of(std::int64_t time) {
  constexpr std::int64_t kSecondsADay = 86400;
  return time / kSecondsADay - (time % kSecondsADay < 0 ? 1 : 0);
}

bool is_wanted(const ColumnSet& wanted, std::initializer_list<IdColumn> columns) {
  return std::ranges::any_of(columns, [&](IdColumn column) { return wanted.has(column); });
}

}  // namespace

Features::Features(const shards::ShardSet& set)
    : item_titles_(set.catalogue().item_titles),
      title_words_(word_rows(set.catalogue().title_words)),
      genre_slots_(genre_slot_rows(set.catalogue().item_genres)),
      user_ages_(set.catalogue().user_ages),
      has_time_(set.manifest().has_time),
      has_genres_(!set.catalogue().genres.empty()),
      times_{set.manifest().time_min, set.manifest().time_max},
      time_mean_(set.manifest().time_mean),
      extra_(set.catalogue()) {
  const shards::Manifest& manifest = set.manifest();
  table_rows_ = features::table_rows(row_names(set));
  // One moment for all ratings has no spread to divide by; every normalised time is then 0.
  if (manifest.time_variance > 0) time_deviation_ = std::sqrt(manifest.time_variance);
  size_extra_tables();
}

void Features::size_extra_tables() {
  if (!extra_.age_bin.empty()) table_rows_.age_bins = kAgeBins + 1;
  if (!extra_.gender.empty()) table_rows_.genders = 3;
  if (!extra_.year_bin.empty()) table_rows_.year_bins = kYearBins + 1;
  if (!extra_.occupation.empty()) table_rows_.occupations = extra_.occupation_rows;
  table_rows_.repeated_words = extra_.word_rows;
  table_rows_.item_genres = extra_.genre_rows;
}

void Features::use_sessions(const Sessions& sessions) {
  sessions_ = sessions;
  table_rows_.pages = sessions.page_rows();
  table_rows_.visits = sessions.visit_rows();
  table_rows_.sittings = sessions.sitting_rows();
  if (sessions.moments.empty() || !has_days()) return;
  const auto [first, last] = std::ranges::minmax_element(sessions.moments, {}, &Moment::time);
  first_day_ = day_of(first->time);
  table_rows_.days = static_cast<std::size_t>(day_of(last->time) - first_day_) + 2;
}

void Features::forget_users_beside(const ColumnSet& read) {
  if (!read.has(ScalarColumn::age)) release(user_ages_);
  if (!read.has(IdColumn::age_bin)) release(extra_.age_bin);
  if (!read.has(IdColumn::gender)) release(extra_.gender);
  if (!read.has(IdColumn::occupation)) release(extra_.occupation);
}

bool Features::has_days() const {
  const auto days = static_cast<std::uint64_t>(day_of(times_.last)) -
                    static_cast<std::uint64_t>(day_of(times_.first));
  return has_time_ && days < kMostDays;
}

ExtraSet Features::available(const ExtraSet& extras) const {
  ExtraSet has = extras;
  const auto keep = [&](Extra extra, bool is_there) { has[extra] = has[extra] && is_there; };
  keep(Extra::day, has_days());
  keep(Extra::sessions, has_time_);
  keep(Extra::age, table_rows_.age_bins > 1);
  keep(Extra::gender, table_rows_.genders > 1);
  keep(Extra::occupation, table_rows_.occupations > 1);
  keep(Extra::year, table_rows_.year_bins > 1);
  keep(Extra::words, table_rows_.repeated_words > 1);
  keep(Extra::genres, table_rows_.item_genres > 1);
  return has;
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

bool reads_times(const ColumnSet& columns) {
  return columns.has(ScalarColumn::normalised_timestamp) ||
         is_wanted(columns, {IdColumn::timestamp_bucket, IdColumn::day, IdColumn::page,
                             IdColumn::visit, IdColumn::sitting});
}

std::size_t Features::most_values(BagColumn column) const noexcept {
  switch (column) {
    case BagColumn::title_words:
      return longest(title_words_);
    case BagColumn::genres:
      return kGenreSlots;
    case BagColumn::repeated_words:
      return longest(extra_.repeated_words);
    case BagColumn::item_genres:
      return longest(extra_.genres);
  }
  return 0;
}

std::span<const std::uint32_t> Features::title_words(std::uint32_t title) const {
  return list_of(title_words_, title);
}

std::span<const std::uint32_t> Features::repeated_words(std::uint32_t title) const {
  return list_of(extra_.repeated_words, title);
}

std::span<const std::uint32_t> Features::item_genres(std::uint32_t item) const {
  return list_of(extra_.genres, item);
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

std::uint32_t Features::day(std::int64_t time) const noexcept {
  const std::int64_t day = day_of(time);
  const auto days = static_cast<std::int64_t>(table_rows_.days) - 1;
  const bool is_known = day >= first_day_ && day < first_day_ + days;
  return is_known ? static_cast<std::uint32_t>(day - first_day_) + 1 : 0;
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
  const auto title = [&](std::uint64_t row) { return title_of(columns.item[row]); };
  fill(IdColumn::title, [&](std::uint64_t row) { return title(row) + 1; });
  fill(IdColumn::timestamp_bucket,
       [&](std::uint64_t row) { return timestamp_bucket(columns.timestamp[row]); });
  fill(ScalarColumn::age, [&](std::uint64_t row) { return user_ages_[columns.user[row]]; });
  fill(ScalarColumn::normalised_timestamp,
       [&](std::uint64_t row) { return normalised_timestamp(columns.timestamp[row]); });
  fill_bags(BagColumn::title_words, [&](std::uint64_t row) { return title_words(title(row)); });
  fill_bags(BagColumn::genres, [&](std::uint64_t row) { return genre_slots(columns.item[row]); });
  fill_bags(BagColumn::repeated_words,
            [&](std::uint64_t row) { return repeated_words(title(row)); });
  fill_bags(BagColumn::item_genres,
            [&](std::uint64_t row) { return item_genres(columns.item[row]); });
  fill(IdColumn::day, [&](std::uint64_t row) { return day(columns.timestamp[row]); });
  fill(IdColumn::age_bin,
       [&](std::uint64_t row) { return row_of(extra_.age_bin, columns.user[row]); });
  fill(IdColumn::gender,
       [&](std::uint64_t row) { return row_of(extra_.gender, columns.user[row]); });
  fill(IdColumn::occupation,
       [&](std::uint64_t row) { return row_of(extra_.occupation, columns.user[row]); });
  fill(IdColumn::year_bin, [&](std::uint64_t row) { return row_of(extra_.year_bin, title(row)); });
  if (is_wanted(wanted, {IdColumn::page, IdColumn::visit, IdColumn::sitting}))
    gather_sessions(columns, rows, part, batch);
}

/// All three: one search finds them.
void Features::gather_sessions(const shards::RatingColumns& columns,
                               std::span<const std::uint64_t> rows, Range part,
                               Batch& batch) const {
  for (const IdColumn column : {IdColumn::page, IdColumn::visit, IdColumn::sitting})
    batch[column].resize(rows.size());
  for (std::size_t i = part.begin; i < part.end; ++i) {
    const SessionRows session =
        sessions_.rows_at(columns.user[rows[i]], columns.timestamp[rows[i]]);
    batch[IdColumn::page][i] = session.page;
    batch[IdColumn::visit][i] = session.visit;
    batch[IdColumn::sitting][i] = session.sitting;
  }
}

}  // namespace nnrec::features
