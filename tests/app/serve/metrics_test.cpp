#include "app/serve/metrics.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace nnrec::app {
namespace {

using ::testing::HasSubstr;

TEST(Metrics, BucketsHoldWhatIsAtMostTheirBound) {
  Metrics metrics;
  for (const double seconds : {0.00005, 0.0001, 0.002, 99.0}) metrics.note("/a", 200, seconds);
  metrics.note("/a", 404, 0.002);
  const std::string text = metrics.text();
  EXPECT_THAT(text, HasSubstr("\nnnrec_requests_total{path=\"/a\",status=\"200\"} 4\n"));
  EXPECT_THAT(text, HasSubstr("\nnnrec_requests_total{path=\"/a\",status=\"404\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("{path=\"/a\",le=\"0.0001\"} 2\n"));
  EXPECT_THAT(text, HasSubstr("{path=\"/a\",le=\"0.001\"} 2\n"));
  EXPECT_THAT(text, HasSubstr("{path=\"/a\",le=\"0.0025\"} 4\n"));
  EXPECT_THAT(text, HasSubstr("{path=\"/a\",le=\"2.5\"} 4\n"));
  EXPECT_THAT(text, HasSubstr("{path=\"/a\",le=\"+Inf\"} 5\n"));
  EXPECT_THAT(text, HasSubstr("nnrec_request_seconds_count{path=\"/a\"} 5\n"));
}

}  // namespace
}  // namespace nnrec::app
