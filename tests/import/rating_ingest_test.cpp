#include "nnrec/import/rating_ingest.hpp"

#include <cmath>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "nnrec/base/random.hpp"

#include "import/delimited_reader.hpp"
#include "support/expect_error.hpp"
#include "support/temporary_folder.hpp"

namespace nnrec::importing {
namespace {
using ::testing::ElementsAre;
using ::testing::HasSubstr;

RatingLayout layout_of(const std::string& separator) {
  RatingLayout layout;
  layout.separator = separator;
  layout.time = 3;
  layout.fields = 4;
  return layout;
}

IngestResult read(const std::string& text, const RatingLayout& layout, int threads = 1,
                  const RatingRules& rules = {}) {
  const testing::TemporaryFolder folder;
  const auto path = folder / "ratings";
  testing::write_file(path, text);
  const std::vector<RatingFile> files{
      {"ratings", "ratings", [path] { return io::open_file(path); }, read_delimited(layout)}};
  RepairLog repairs(false);
  return ingest(files, rules, math::ThreadTeam(threads), repairs);
}

/// All that makes up a table, exactly.
std::vector<std::string> described(const IngestResult& result) {
  const auto& [table, users, items, places] = result.ratings;
  std::vector<std::string> rows;
  for (std::size_t row = 0; row < table.rows(); ++row) {
    rows.push_back(fmt::format("{} {} {} {} {:a} {} {}", table.user[row], users.id(table.user[row]),
                               table.item[row], items.id(table.item[row]), table.rating[row],
                               table.has_time() ? table.timestamp[row] : 0, places.place(row)));
  }
  return rows;
}

/// Lines so short that what follows them decides nothing.
std::string padded(const std::string& lines) {
  return lines + std::string(300, '\n');
}

/// Fields of all lengths, of the kinds that the short way takes and of those that it leaves.
std::vector<std::array<std::string, 4>> many_lines(std::size_t count) {
  const CounterRandom random(3, Purpose::synthetic, 5);
  const std::vector<std::string> values{"3",
                                        "0",
                                        "3.5",
                                        "10",
                                        "0.125",
                                        "4.0",
                                        ".5",
                                        "3e0",
                                        "-1",
                                        "0007",
                                        "1234567",
                                        "12345678",
                                        "3.141592653589793",
                                        "16777217",
                                        "99999.99",
                                        "1E-3",
                                        "3."};
  std::vector<std::array<std::string, 4>> lines;
  for (std::size_t line = 0; line < count; ++line) {
    const auto word = random.words(line);
    const auto number = [&](std::uint32_t bits) {
      const auto digits = 1 + bits % 18;
      return std::to_string(random.bits((line << 8) + bits % 251) %
                            static_cast<std::uint64_t>(std::pow(10.0, digits)));
    };
    std::string time = std::to_string(random.bits(line << 8) % 2'000'000'000);
    if (word[3] % 16 == 0) time = "00" + time;
    if (word[3] % 16 == 1) time += ".0";
    if (word[3] % 16 == 2) time = "-" + time;
    const std::string zeros = word[0] % 32 == 0 ? "00" : "";
    lines.push_back({zeros + number(word[0] >> 8),
                     word[1] % 32 == 0 ? "tt" + number(7) : number(word[1]),
                     values[word[2] % values.size()], time});
  }
  return lines;
}

std::string joined(const std::vector<std::array<std::string, 4>>& lines,
                   const std::string& separator, const std::string& end) {
  std::string text;
  for (const auto& line : lines) text += fmt::format("{}{}", fmt::join(line, separator), end);
  return text;
}

TEST(RatingIngest, TheShortWayGivesWhatTheLongOneGives) {
  const auto lines = many_lines(20'000);
  // A blank before each line end is no part of the last field, and is not for the short way.
  const auto expected = described(read(joined(lines, "\t", " \n"), layout_of("\t")));
  ASSERT_EQ(expected.size(), lines.size());
  for (const std::string separator : {"\t", ",", "::", ";"}) {
    for (const std::string end : {"\n", "\r\n"}) {
      for (const int threads : {1, 3}) {
        EXPECT_EQ(described(read(joined(lines, separator, end), layout_of(separator), threads)),
                  expected)
            << separator << ' ' << threads;
      }
    }
  }
}

TEST(RatingIngest, FieldsMayStandInAnyOrder) {
  RatingLayout layout;
  layout.separator = ",";
  layout.time = 0;
  layout.rating = 1;
  layout.item = 2;
  layout.user = 3;
  layout.fields = 4;
  const auto result = read(padded("100,4.5,7,12345678\n200,3,8,12345678\n"), layout);
  EXPECT_THAT(described(result), ElementsAre("0 12345678 0 7 0x1.2p+2 100 ratings:1",
                                             "0 12345678 1 8 0x1.8p+1 200 ratings:2"));
}

TEST(RatingIngest, AColumnThatIsNotNamedIsNoUser) {
  RatingLayout layout;
  layout.separator = ",";
  layout.item = 0;  // Also the user's.
  layout.fields = 3;
  const auto plain = described(read(padded("7,8,3\n"), layout));
  EXPECT_EQ(plain, described(read(padded("7,8,3 \n"), layout)));
}

TEST(RatingIngest, IdsStayAsTheyAreWritten) {
  const auto result = read(padded("7\t1\t3\t1\n007\t0\t3\t1\n0\t00\t3\t1\n"
                                  "123456789012345\t1234567890123456\t3\t1\n"
                                  "18446744073709551615\t18446744073709551616\t3\t1\n"),
                           layout_of("\t"));
  EXPECT_THAT(result.ratings.users.ids(),
              ElementsAre("7", "007", "0", "123456789012345", "18446744073709551615"));
  EXPECT_THAT(result.ratings.items.ids(),
              ElementsAre("1", "0", "00", "1234567890123456", "18446744073709551616"));
}

TEST(RatingIngest, BadLinesAmongPlainOnesAreFoundInTheirPlace) {
  RatingRules rules;
  rules.scale = shards::RatingScale{1, 5};
  const std::vector<std::pair<std::string, std::string>> cases{
      {"1\t2\t6\t3\n", "ratings:3:3: rating = 6 is outside 1..5"},
      {"1\t2\t3..5\t3\n", "ratings:3:3: rating"},
      {"1\t\t3\t3\n", "ratings:3:2: item"},
      {"1\t2\t3\t3x\n", "ratings:3:4: time"},
      {"1\t2\t3\t999999999999999\n", "ratings:3:4: time"},
      {"1\t2\t3\n", "ratings:3:"},
      {"1\t2\t3\t4\t5\n", "ratings:3:"},
      {"1\t2\t3\t4\r5\n", "ratings:3:4: time"},
  };
  for (const auto& [line, message] : cases) {
    const auto text = padded("1\t1\t3\t1\n1\t3\t3\t1\n" + line + "1\t4\t3\t1\n");
    testing::expect_error(ErrorKind::input, HasSubstr(message),
                          [&] { read(text, layout_of("\t"), 1, rules); });
  }
}

TEST(RatingIngest, AHeaderAndBlankLinesAreNoRatings) {
  auto layout = layout_of(",");
  layout.header = true;
  const auto result = read(padded("1,2,3,4\n\n1,2,4,5\n  \n3,4,5,6\n"), layout);
  EXPECT_THAT(described(result),
              ElementsAre("0 1 0 2 0x1p+2 5 ratings:3", "1 3 1 4 0x1.4p+2 6 ratings:5"));
  EXPECT_EQ(result.lines, 2);
}

}  // namespace
}  // namespace nnrec::importing
