#include "nnrec/features/features.hpp"

#include <algorithm>
#include <cmath>

#include "nnrec/base/error.hpp"
#include "nnrec/base/release.hpp"
#include "nnrec/features/row_names.hpp"

namespace nnrec::features {
namespace {

constexpr std::uint32_t kOutOfVocabularyWord = 1;
/// Ratings whose columns are gathered one after the other: their records stay in the first cache,
/// beside the next ones on their way there.
constexpr std::size_t kTogether = 256;

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

/// None where the set does not have the column.
std::uint32_t row_of(const HeldArray<std::uint32_t>& rows, std::uint32_t index) {
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
      user_ages_(set.catalogue().user_ages) {
  const shards::Manifest& manifest = set.manifest();
  facts_.table_rows = features::table_rows(row_names(set));
  facts_.has_time = manifest.has_time;
  facts_.has_genres = !set.catalogue().genres.empty();
  facts_.has_ages = !user_ages_.empty();
  facts_.unknown_ages = static_cast<std::uint64_t>(
      std::ranges::count_if(user_ages_.values(), [](float age) { return std::isnan(age); }));
  facts_.times = {manifest.time_min, manifest.time_max};
  facts_.time_mean = manifest.time_mean;
  // One moment for all ratings has no spread to divide by; every normalised time is then 0.
  if (manifest.time_variance > 0) facts_.time_deviation = std::sqrt(manifest.time_variance);
  take(ExtraRows(set.catalogue()));
}

void Features::take(ExtraRows extra) {
  TableRows& rows = facts_.table_rows;
  if (!extra.age_bin.empty()) rows.age_bins = kAgeBins + 1;
  if (!extra.gender.empty()) rows.genders = 3;
  if (!extra.year_bin.empty()) rows.year_bins = kYearBins + 1;
  if (!extra.occupation.empty()) rows.occupations = extra.occupation_rows;
  rows.zips = extra.zip_rows;
  rows.repeated_words = extra.word_rows;
  rows.item_genres = extra.genre_rows;
  age_bin_ = std::move(extra.age_bin);
  gender_ = std::move(extra.gender);
  occupation_ = std::move(extra.occupation);
  zip_ = std::move(extra.zip);
  year_bin_ = std::move(extra.year_bin);
  repeated_words_ = Lists(std::move(extra.repeated_words));
  item_genres_ = Lists(std::move(extra.genres));
}

/// Calls visit(array, whether a column in `read` is made of it).
template <typename Visit>
void Features::for_each_column(const ColumnSet& read, const Visit& visit) {
  const auto visit_lists = [&](Lists& lists, bool is_read) {
    visit(lists.offsets, is_read);
    visit(lists.values, is_read);
  };
  visit(item_titles_, true);
  visit_lists(title_words_, read.has(BagColumn::title_words));
  visit(genre_slots_, read.has(BagColumn::genres));
  visit(user_ages_, read.has(ScalarColumn::age));
  visit(age_bin_, read.has(IdColumn::age_bin));
  visit(gender_, read.has(IdColumn::gender));
  visit(occupation_, read.has(IdColumn::occupation));
  visit(zip_, read.has(IdColumn::zip));
  visit(year_bin_, read.has(IdColumn::year_bin));
  visit_lists(repeated_words_, read.has(BagColumn::repeated_words));
  visit_lists(item_genres_, read.has(BagColumn::item_genres));
}

void Features::keep_only(const ColumnSet& read) {
  for_each_column(read, [](auto& array, bool is_read) {
    if (!is_read) array = {};
  });
}

void Features::share(const ColumnSet& read, const Place& place) {
  for_each_column(read, [&]<typename T>(HeldArray<T>& array, bool is_read) {
    if (!is_read) return;
    const auto bytes = place(std::as_bytes(array.values()));
    array.move_to({reinterpret_cast<const T*>(bytes.data()), bytes.size() / sizeof(T)});
  });
}

std::span<const std::uint32_t> Features::rows_of_all(IdColumn column) const {
  switch (column) {
    case IdColumn::age_bin:
      return age_bin_.values();
    case IdColumn::gender:
      return gender_.values();
    case IdColumn::occupation:
      return occupation_.values();
    case IdColumn::zip:
      return zip_.values();
    case IdColumn::year_bin:
      return year_bin_.values();
    default:
      break;
  }
  throw InternalError("rows of all of a column of ratings");
}

std::size_t Features::Lists::longest() const {
  std::uint64_t most = 0;
  for (std::uint32_t list = 0; list + 1 < offsets.values().size(); ++list)
    most = std::max<std::uint64_t>(most, of(list).size());
  return most;
}

void Features::use_sessions(const Sessions& sessions) {
  sessions_ = sessions;
  facts_.table_rows.pages = sessions.page_rows();
  facts_.table_rows.visits = sessions.visit_rows();
  facts_.table_rows.sittings = sessions.sitting_rows();
  if (sessions.moments.empty() || !has_days()) return;
  const auto [first, last] = std::ranges::minmax_element(sessions.moments, {}, &Moment::time);
  first_day_ = day_of(first->time);
  facts_.table_rows.days = static_cast<std::size_t>(day_of(last->time) - first_day_) + 2;
}

bool Features::has_days() const {
  const auto days = static_cast<std::uint64_t>(day_of(facts_.times.last)) -
                    static_cast<std::uint64_t>(day_of(facts_.times.first));
  return facts_.has_time && days < kMostDays;
}

ExtraSet Features::available(const ExtraSet& extras) const {
  ExtraSet has = extras;
  const auto keep = [&](Extra extra, bool is_there) { has[extra] = has[extra] && is_there; };
  keep(Extra::day, has_days());
  keep(Extra::sessions, facts_.has_time);
  keep(Extra::age, facts_.table_rows.age_bins > 1);
  keep(Extra::gender, facts_.table_rows.genders > 1);
  keep(Extra::occupation, facts_.table_rows.occupations > 1);
  keep(Extra::zip, facts_.table_rows.zips > 1);
  keep(Extra::year, facts_.table_rows.year_bins > 1);
  keep(Extra::words, facts_.table_rows.repeated_words > 1);
  keep(Extra::genres, facts_.table_rows.item_genres > 1);
  return has;
}

void Features::require(const ColumnSet& wanted) const {
  const bool wants_time =
      wanted.has(IdColumn::timestamp_bucket) || wanted.has(ScalarColumn::normalised_timestamp);
  if (wants_time && !facts_.has_time) {
    throw InputError("needs timestamps, and the data set has none");
  }
  if (wanted.has(ScalarColumn::age)) {
    if (!facts_.has_ages || facts_.unknown_ages > 0) {
      throw InputError("needs the age of every user, and the data set lacks {}",
                       facts_.has_ages ? fmt::format("{} of them", facts_.unknown_ages)
                                       : std::string("all of them"));
    }
  }
  if (wanted.has(BagColumn::genres) && !facts_.has_genres) {
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
      return title_words_.longest();
    case BagColumn::genres:
      return kGenreSlots;
    case BagColumn::repeated_words:
      return repeated_words_.longest();
    case BagColumn::item_genres:
      return item_genres_.longest();
  }
  return 0;
}

std::span<const std::uint32_t> Features::title_words(std::uint32_t title) const {
  return title_words_.of(title);
}

std::span<const std::uint32_t> Features::repeated_words(std::uint32_t title) const {
  return repeated_words_.of(title);
}

std::span<const std::uint32_t> Features::item_genres(std::uint32_t item) const {
  return item_genres_.of(item);
}

std::span<const std::uint32_t> Features::genre_slots(std::uint32_t item) const {
  return genre_slots_.values().subspan(item * kGenreSlots, kGenreSlots);
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
  const auto days = static_cast<std::int64_t>(facts_.table_rows.days) - 1;
  const bool is_known = day >= first_day_ && day < first_day_ + days;
  return is_known ? static_cast<std::uint32_t>(day - first_day_) + 1 : 0;
}

float Features::normalised_timestamp(std::int64_t time) const noexcept {
  return static_cast<float>((static_cast<double>(time) - facts_.time_mean) / facts_.time_deviation);
}

void Features::gather(const shards::RatingView& ratings, std::span<const std::uint64_t> rows,
                      const ColumnSet& wanted, Batch& batch) const {
  gather_part(ratings, rows, wanted, {0, rows.size()}, batch);
}

void Features::gather_part(const shards::RatingView& ratings, std::span<const std::uint64_t> rows,
                           const ColumnSet& wanted, Range part, Batch& batch) const {
  batch.rows = rows.size();
  std::size_t begin = part.begin;
  do {  // once even where there are no rows: columns get their size
    const std::size_t end = std::min(part.end, begin + kTogether);
    const std::size_t next_end = std::min(part.end, end + kTogether);
    for (std::size_t i = end; i < next_end; ++i) ratings.prefetch(rows[i]);
    gather_values(ratings, rows, wanted, {begin, end}, batch);
    begin = end;
  } while (begin < part.end);
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
  const auto title = [&](std::uint64_t row) { return title_of(ratings.item[row]); };
  fill_bags(BagColumn::title_words, [&](std::uint64_t row) { return title_words(title(row)); });
  fill_bags(BagColumn::genres, [&](std::uint64_t row) { return genre_slots(ratings.item[row]); });
  fill_bags(BagColumn::repeated_words,
            [&](std::uint64_t row) { return repeated_words(title(row)); });
  fill_bags(BagColumn::item_genres,
            [&](std::uint64_t row) { return item_genres(ratings.item[row]); });
  if (is_wanted(wanted, {IdColumn::page, IdColumn::visit, IdColumn::sitting}))
    gather_sessions(ratings, rows, part, batch);
}

/// The columns of one value a rating.
void Features::gather_values(const shards::RatingView& ratings, std::span<const std::uint64_t> rows,
                             const ColumnSet& wanted, Range part, Batch& batch) const {
  const auto fill_values = [&](auto& values, const auto& value_of_row) {
    values.resize(rows.size());
    for (std::size_t i = part.begin; i < part.end; ++i) values[i] = value_of_row(rows[i]);
  };
  const auto fill = [&](auto column, const auto& value_of_row) {
    if (wanted.has(column)) fill_values(batch[column], value_of_row);
  };
  if (wanted.rating) {
    fill_values(batch.rating, [&](std::uint64_t row) { return ratings.rating[row]; });
  }
  fill(IdColumn::user, [&](std::uint64_t row) { return ratings.user[row] + 1; });
  const auto title = [&](std::uint64_t row) { return title_of(ratings.item[row]); };
  fill(IdColumn::title, [&](std::uint64_t row) { return title(row) + 1; });
  fill(IdColumn::timestamp_bucket,
       [&](std::uint64_t row) { return timestamp_bucket(ratings.timestamp[row]); });
  fill(ScalarColumn::age, [&](std::uint64_t row) { return user_ages_[ratings.user[row]]; });
  fill(ScalarColumn::normalised_timestamp,
       [&](std::uint64_t row) { return normalised_timestamp(ratings.timestamp[row]); });
  fill(IdColumn::day, [&](std::uint64_t row) { return day(ratings.timestamp[row]); });
  fill(IdColumn::age_bin, [&](std::uint64_t row) { return row_of(age_bin_, ratings.user[row]); });
  fill(IdColumn::gender, [&](std::uint64_t row) { return row_of(gender_, ratings.user[row]); });
  fill(IdColumn::occupation,
       [&](std::uint64_t row) { return row_of(occupation_, ratings.user[row]); });
  fill(IdColumn::zip, [&](std::uint64_t row) { return row_of(zip_, ratings.user[row]); });
  fill(IdColumn::year_bin, [&](std::uint64_t row) { return row_of(year_bin_, title(row)); });
}

/// All three: one search finds them.
void Features::gather_sessions(const shards::RatingView& ratings,
                               std::span<const std::uint64_t> rows, Range part,
                               Batch& batch) const {
  for (const IdColumn column : {IdColumn::page, IdColumn::visit, IdColumn::sitting})
    batch[column].resize(rows.size());
  for (std::size_t i = part.begin; i < part.end; ++i) {
    const SessionRows session =
        sessions_.rows_at(ratings.user[rows[i]], ratings.timestamp[rows[i]]);
    batch[IdColumn::page][i] = session.page;
    batch[IdColumn::visit][i] = session.visit;
    batch[IdColumn::sitting][i] = session.sitting;
  }
}

}  // namespace nnrec::features
