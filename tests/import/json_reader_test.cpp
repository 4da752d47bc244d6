#include "import/json_reader.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "import/json_records.hpp"
#include "support/expect_error.hpp"
#include "support/read_text.hpp"

namespace nnrec::importing {
namespace {
using ::testing::AllOf;
using ::testing::ElementsAre;
using testing::expect_error;
using ::testing::HasSubstr;
using ::testing::SizeIs;

constexpr const char* kAmazon =
    R"({"reviewerID": "A1", "asin": "0001", "reviewerName": "J. \"x\" {", "helpful": [1, 2], )"
    R"("overall": 5.0, "unixReviewTime": 1252800000, "reviewTime": "09 13, 2009"})"
    "\n"
    R"({"overall": 2, "reviewerID": "A2", "asin": "0001", "unixReviewTime": 1252800001, )"
    R"("reviewTime": "09 13, 2009"})"
    "\n";

JsonLayout layout_of(const std::string& text, LayoutOptions options = {}) {
  options.now = 1'800'000'000;
  return find_json_layout({text, true}, options, "ratings");
}
std::vector<std::string> read(const std::string& text, const RatingRules& rules = {}) {
  return testing::read_text(text, read_json(layout_of(text)), rules);
}
template <typename Matcher>
void expect_bad(const std::string& text, const Matcher& message) {
  expect_error(ErrorKind::input, message, [&] { read(text); });
}

TEST(JsonReader, LinesOfAmazonAreRead) {
  EXPECT_THAT(read(kAmazon), ElementsAre("A1 0001 5 1252800000", "A2 0001 2 1252800001"));
  EXPECT_THAT(
      read(R"({"rating":3,"asin":"B1","parent_asin":"P","user_id":"U","timestamp":1588615855070})"),
      ElementsAre("U P 3 1588615855"));
}

TEST(JsonReader, LinesOfYelpAreRead) {
  const std::string text =
      R"({"review_id":"r","user_id":"u_1","business_id":"b-1","stars":4.5,"useful":0,)"
      R"("text":"Wow!\n} yes \u00e9","date":"2018-07-07 22:09:11"})";
  EXPECT_THAT(read(text + "\r\n\n" + text), SizeIs(2));
  EXPECT_THAT(read(text), ElementsAre("u_1 b-1 4.5 1531001351"));
}

TEST(JsonReader, AnArrayIsReadHoweverItIsLaidOut) {
  const auto expected = ElementsAre("1 10 4.1", "2 11 0.5");
  EXPECT_THAT(read(R"([{"user":1,"item":10,"rating":4.1},{"user":2,"item":11,"rating":0.5}])"),
              expected);
  EXPECT_THAT(read("\n[\n {\n  \"user\": 1.0,\n  \"item\": \"10\",\n  \"rating\": \"4.1\"\n }\n ,"
                   "{\"item\": 11,\"rating\":5e-1,\"user\":2}\n]\n"),
              expected);
}

TEST(JsonReader, BlocksDoNotCutObjects) {
  std::string lines;
  std::string array = "[";
  std::vector<std::string> expected;
  for (int row = 0; row < 9000; ++row) {
    const auto object =
        fmt::format(R"({{"user":{},"note":"\\\"}},{{[{}","item":"i{}","rating":{}}})", row,
                    std::string(static_cast<std::size_t>(row % 90), '}'), row % 700, row % 5);
    lines += object + '\n';
    array += (row > 0 ? (row % 2 == 0 ? ",\n" : " , ") : "") + object;
    expected.push_back(fmt::format("{} i{} {}", row, row % 700, row % 5));
  }
  EXPECT_EQ(read(lines), expected);
  EXPECT_EQ(read(array + "]"), expected);
}

TEST(JsonReader, NamesBindAsAHeaderDoes) {
  EXPECT_THAT(layout_of(kAmazon).names,
              ElementsAre("reviewerID", "asin", "overall", "unixReviewTime"));
  expect_bad(R"({"user":1,"thing":2,"rating":3})",
             AllOf(HasSubstr("no column is named as item"), HasSubstr("item=NAME")));
  expect_bad(R"({"user":1,"movie":2,"book":5,"rating":3})",
             HasSubstr("2 columns are named as item: \"movie\", \"book\""));
  LayoutOptions options;
  options.columns = "user=a,item=b,rating=c";
  EXPECT_THAT(layout_of(R"({"a":1,"b":2,"c":3})", options).names, ElementsAre("a", "b", "c", ""));
  options.separator = ",";
  expect_error(ErrorKind::usage, HasSubstr("--separator"),
               [&] { layout_of(R"({"a":1,"b":2,"c":3})", options); });
}

TEST(JsonReader, WhatIsNoRatingIsRefusedByItsPlace) {
  const std::string good = R"({"user":1,"item":10,"rating":4})";
  const auto bad = [&](const std::string& line, const char* why) {
    expect_bad(good + "\n\n" + line + "\n", AllOf(HasSubstr("ratings:3:"), HasSubstr(why)));
  };
  bad(R"({"user":1,"item":10,"rating":4)", "is no object of JSON");
  bad(R"({"user":1,"item":10,"rating":NaN})", "is no object of JSON");
  bad(R"({"user":1,"item":10,"rating":4} x)", "is no object of JSON");
  bad(R"({"user":123456789012345678901,"item":10,"rating":4})", "put such ids in quotes");
  bad("{\"user\":\"\xE9\",\"item\":10,\"rating\":4}", "is no object of JSON");
  bad(R"([1])", "is no object of JSON");
  bad(R"({"user":1,"rating":4})", "the object has no \"item\"");
  bad(R"({"user":1,"item":null,"rating":4})", "item = \"\" is empty");
  bad(R"({"user":1,"item":10,"rating":true})", "\"rating\" is neither text nor a number");
  bad(R"({"user":1,"item":10,"rating":"good"})", "rating = \"good\" is not a finite");
  bad(R"({"user":1,"item":10,"user":2,"rating":4})", "\"user\" stands twice");
  bad(R"({"user":"a\u0000b","item":10,"rating":4})", "control character");
}

TEST(JsonReader, ABrokenArrayIsRefused) {
  const std::string two = R"([{"user":1,"item":10,"rating":4},{"user":2,"item":10,"rating":4})";
  expect_bad(two, HasSubstr("ratings: does not end with the ']' of its array. Is the file whole?"));
  expect_bad(two + ",]", AllOf(HasSubstr("ratings:3:1"), HasSubstr("is no whole object")));
  expect_bad(two + R"({"user":1}])", HasSubstr("follows an object without ','"));
  expect_bad(two + "] ]", HasSubstr("stands behind the array"));
  expect_bad(two + R"(,{"user":2)", HasSubstr("does not end with"));
  expect_bad("[{\"user\":1", HasSubstr("no object of the array is whole"));
}

TEST(JsonReader, ObjectsOfPythonAreNamed) {
  expect_bad("{'user': 1, 'item': 10, 'rating': 4}\n",
             AllOf(HasSubstr("an object of Python"), HasSubstr("ast.literal_eval")));
}

TEST(JsonReader, OtherShapesOfAllRatingsAreNamedWithWhatConvertsThem) {
  const auto expect = [](const std::string& text, const char* name, const char* remedy) {
    for (const auto& head : {text, text.substr(0, text.size() * 2 / 3)}) {
      expect_error(ErrorKind::input, AllOf(HasSubstr(name), HasSubstr(remedy)),
                   [&] { layout_of(head); });
    }
  };
  expect(
      R"({"columns":["user","item","rating"],"index":[0,1],"data":[["1","10",4],["1","20",3],["2","20",3]]})",
      "(split)", "orient='split'");
  expect(R"({"schema":{"fields":[]},"data":[{"index":0,"user":1,"item":2,"rating":3}],"x":[1,2]})",
         "(table)", "orient='table'");
  expect(R"({"user":{"0":"1"},"item":{"0":"10"},"rating":{"0":4.0,"1":5.0,"2":3.0}})", "(columns)",
         "orient='columns'");
  expect("{\n \"user\": [1, 2],\n \"item\": [10, 20],\n \"rating\": [4, 5, 3, 1, 2]\n}\n",
         "(columns)", "orient='columns'");
  expect(R"({"0":{"user":"1","item":"10","rating":4},"1":{"user":"2","item":"10","rating":5}})",
         "(index)", "orient='index'");
  expect("[[1,10,4],\n[2,10,5]]\n", "an array of arrays", "json.load(open('FILE'))]");
  expect(R"({"n":2,"reviews":[{"user":1,"item":10,"rating":4},{"user":2,"item":10,"rating":5}]})",
         "a list of ratings in it", "json.load(open('FILE'))['reviews']]");
}

TEST(JsonReader, AnObjectARatingMayHaveListsAndObjectsBesideIt) {
  EXPECT_THAT(
      read(R"({"user":1,"item":10,"rating":4,"columns":[1],"data":{"user":1},"x":[{"a":1}]})"
           "\n"),
      ElementsAre("1 10 4"));
}

TEST(JsonReader, ATimeMayBeMissing) {
  const std::string text = R"({"user":1,"item":10,"rating":4,"timestamp":1252800000})"
                           "\n"
                           R"({"user":1,"item":11,"rating":4,"timestamp":null})"
                           "\n";
  EXPECT_THAT(read(text), ElementsAre("1 10 4", "1 11 4"));
}

TEST(JsonRecords, AnObjectEndsAtItsOwnBrace) {
  EXPECT_EQ(object_size(R"({"a":{"b":[1]}}, {)"), 15U);
  EXPECT_EQ(object_size(R"({"a":"}\\"} )"), 11U);
  EXPECT_EQ(object_size(R"({"a":"\"}"})"), 11U);
  EXPECT_EQ(object_size(R"({"a":"})"), 0U);
  EXPECT_FALSE(begins_with_object("[1, 2]"));
  EXPECT_TRUE(begins_with_object(" [\n {"));
}

}  // namespace
}  // namespace nnrec::importing
