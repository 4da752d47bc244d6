#include "nnrec/http/message.hpp"

#include <nlohmann/json.hpp>

#include "support/expect_error.hpp"

namespace nnrec::http {
namespace {

using ::testing::ElementsAre;
using testing::expect_error;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;

TEST(Message, TargetsAreCutAndDecoded) {
  Request request;
  read_target("/similar?item=Star+Wars+%281977%29&item=a%26b%3D%c3%A9&top=", request);
  EXPECT_EQ(request.path, "/similar");
  EXPECT_THAT(request.parameters, ElementsAre(Pair("item", "Star Wars (1977)"),
                                              Pair("item", "a&b=\xc3\xa9"), Pair("top", "")));
  read_target("/health", request);
  EXPECT_THAT(request.parameters, IsEmpty());
}

TEST(Message, BrokenTargetsAreRefused) {
  Request request;
  for (const char* target : {"health", "", "/a?b", "/a?b=%", "/a?b=%4", "/a?b=%4g", "/a?=1&c"}) {
    expect_error(ErrorKind::usage, HasSubstr(""), [&] { read_target(target, request); });
  }
}

TEST(Message, ErrorsAreJsonWhateverTheyQuote) {
  const Response response = error_response(404, "item \"\xff\n\" is not known");
  EXPECT_EQ(response.status, 404U);
  const auto error = nlohmann::json::parse(response.body).at("error").get<std::string>();
  EXPECT_EQ(error, "item \"\xef\xbf\xbd\n\" is not known");
}

}  // namespace
}  // namespace nnrec::http
