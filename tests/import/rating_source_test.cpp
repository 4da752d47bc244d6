// Random small tables in all the ways in which people write them: what is read is what was planted,
// or nothing is.
#include "nnrec/import/rating_source.hpp"

#include <array>
#include <set>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "nnrec/base/error.hpp"
#include "nnrec/base/random.hpp"
#include "nnrec/import/whole_ids.hpp"

#include "support/temporary_folder.hpp"

namespace nnrec::importing {
namespace {

using Table = std::vector<std::vector<std::string>>;  ///< records of user, item, rating, time

/// Draws of one table.
class Draws {
 public:
  explicit Draws(std::uint64_t table) : random_(11, Purpose::synthetic, table) {}
  std::uint64_t below(std::uint64_t count) { return random_.bits(next_++) % count; }
  bool one_in(std::uint64_t count) { return below(count) == 0; }
  const std::string& of(const std::vector<std::string>& all) { return all[below(all.size())]; }

 private:
  CounterRandom random_;
  std::uint64_t next_ = 0;
};

/// A table, and how it is written.
struct Planted {
  Table rows;
  std::vector<std::string> names;  ///< by column of `order`; empty: no header
  std::vector<std::size_t> order;  ///< of user, item, rating, time; from 4 on something else
  std::string separator;
  bool quotes = false;
  std::string line_end;
  bool last_line_end = true;
  int encoding = 0;

  std::string bytes() const;
};

std::string field(const Planted& planted, const std::string& text) {
  if (!planted.quotes) return text;
  std::string quoted = "\"";
  for (const char c : text) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
  return quoted + "\"";
}

std::string line(const Planted& planted, const std::vector<std::string>& fields) {
  std::string text;
  for (std::size_t at = 0; at < fields.size(); ++at) {
    text += (at > 0 ? planted.separator : "") + field(planted, fields[at]);
  }
  return text;
}

/// UTF-8 of code points below 0x800 in one of the encodings.
std::string encoded(const std::string& text, int encoding) {
  if (encoding == 0) return text;
  if (encoding == 1) return "\xEF\xBB\xBF" + text;
  std::string bytes = encoding == 2 ? "" : encoding == 3 ? "\xFF\xFE" : "\xFE\xFF";
  for (std::size_t at = 0; at < text.size(); ++at) {
    auto code = static_cast<unsigned>(static_cast<unsigned char>(text[at]));
    if (code >= 0x80) {
      code = ((code & 0x1F) << 6) | (static_cast<unsigned char>(text[++at]) & 0x3F);
    }
    const char low = static_cast<char>(code & 0xFF);
    const char high = static_cast<char>(code >> 8);
    if (encoding == 4) bytes += high;
    bytes += low;
    if (encoding == 3) bytes += high;
  }
  return bytes;
}

std::string Planted::bytes() const {
  std::string text = names.empty() ? "" : line(*this, names) + line_end;
  for (std::size_t row = 0; row < rows.size(); ++row) {
    std::vector<std::string> fields;
    for (const auto column : order) {
      fields.push_back(column < 4 ? rows[row][column] : "note " + std::to_string(row % 3));
    }
    text += line(*this, fields);
    if (last_line_end || row + 1 < rows.size()) text += line_end;
  }
  return encoded(text, encoding);
}

std::string id(Draws& draws, std::uint64_t kind, const Planted& planted) {
  const auto number = draws.below(40) + 1;
  const bool cuts = planted.quotes && planted.separator.size() == 1 && draws.one_in(4);
  const std::string inner = cuts ? planted.separator : "-";
  switch (kind) {
    case 0:
      return std::to_string(number);
    case 1:
      return "u" + inner + std::to_string(number);
    case 2:
      return fmt::format("{:05}", number);
    case 3:
      return "caf\xC3\xA9" + std::to_string(number);
    default:
      return "B" + std::string(draws.below(3) + 1, 'x') + inner + std::to_string(number);
  }
}

void plant_rows(Draws& draws, Planted& planted, bool time) {
  const auto user_kind = draws.below(5);
  const auto item_kind = draws.below(5);
  const auto whole = draws.below(2);
  const auto count = draws.below(12) + 1;
  std::set<std::pair<std::string, std::string>> pairs;
  for (std::uint64_t row = 0; row < count; ++row) {
    const auto user = id(draws, user_kind, planted);
    const auto item = id(draws, item_kind, planted);
    if (!pairs.insert({user, item}).second) continue;
    const auto halves = draws.below(9) + 2;
    planted.rows.push_back(
        {user, item,
         whole == 0 ? fmt::format("{}.{}", halves / 2, halves % 2 * 5) : std::to_string(halves / 2),
         time ? std::to_string(978'300'000 + draws.below(400'000'000)) : ""});
  }
}

void plant_header(Draws& draws, Planted& planted, bool time) {
  static const std::array<std::vector<std::string>, 4> kNames{
      {{"user", "userId", "user_id", "reviewerID", "User-ID", "customer"},
       {"item", "movieId", "asin", "ISBN", "business_id", "book_id", "track"},
       {"rating", "stars", "overall", "score", "Book-Rating", "rating:float"},
       {"timestamp", "time", "unixReviewTime", "date"}}};
  planted.order = {0, 1, 2};
  if (time) planted.order.push_back(3);
  if (!draws.one_in(3)) {
    if (draws.one_in(4)) planted.order.push_back(4);
    for (auto last = planted.order.size(); last > 1; --last) {
      std::swap(planted.order[last - 1], planted.order[draws.below(last)]);
    }
    for (const auto column : planted.order) {
      planted.names.push_back(column < 4 ? draws.of(kNames[column]) : "note");
    }
  }
}

Planted plant(std::uint64_t table) {
  Draws draws(table);
  Planted planted;
  planted.separator = draws.of({",", ",", ";", "\t", "|", "::", " "});
  const bool usual = planted.separator == "," || planted.separator == ";";
  planted.quotes = usual && draws.one_in(3);
  planted.line_end = draws.of({"\n", "\n", "\r\n", "\r"});
  planted.last_line_end = !draws.one_in(4);
  planted.encoding = draws.one_in(2) ? 0 : static_cast<int>(draws.below(4)) + 1;
  const bool time = draws.one_in(2);
  plant_header(draws, planted, time);
  plant_rows(draws, planted, time);
  return planted;
}

/// "user item rating time" of every rating, as nnrec_prep has them before it splits.
std::vector<std::string> read(const std::filesystem::path& path) {
  SourceOptions options;
  options.inputs = {path};
  options.layout.now = 1'800'000'000;
  const RatingSource source(options);
  RepairLog repairs(false);
  auto ratings = std::move(ingest(source.files(), {}, math::ThreadTeam(1), repairs).ratings);
  settle_whole_ids(ratings, repairs);
  std::vector<std::string> rows;
  for (std::size_t row = 0; row < ratings.table.rows(); ++row) {
    rows.push_back(
        fmt::format("{} {} {} {}", ratings.users.id(ratings.table.user[row]),
                    ratings.items.id(ratings.table.item[row]), ratings.table.rating[row],
                    ratings.table.has_time() ? std::to_string(ratings.table.timestamp[row]) : ""));
  }
  return rows;
}

std::vector<std::string> expected(const Planted& planted) {
  std::vector<std::string> rows;
  for (const auto& row : planted.rows) {
    rows.push_back(fmt::format("{} {} {} {}", row[0], row[1], std::stof(row[2]), row[3]));
  }
  return rows;
}

TEST(RatingSource, TenThousandRandomTablesAreReadAsPlantedOrRefused) {
  const testing::TemporaryFolder folder;
  int refused = 0;
  std::string first_refusal;
  for (std::uint64_t table = 0; table < 10'000; ++table) {
    const auto planted = plant(table);
    const auto bytes = planted.bytes();
    // A name for each: to write a file again may wait for the disk.
    const auto path = folder / std::to_string(table);
    testing::write_file(path, bytes);
    try {
      ASSERT_EQ(read(path), expected(planted)) << "table " << table << ": " << bytes;
    } catch (const InputError& error) {
      if (refused++ == 0) first_refusal = error.what();
    }
    std::filesystem::remove(path);
  }
  EXPECT_LT(refused, 1'000) << "of 10,000; for example " << first_refusal;
}

}  // namespace
}  // namespace nnrec::importing
