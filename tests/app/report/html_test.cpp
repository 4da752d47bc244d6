#include "app/report/html.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/xml_page.hpp"

namespace nnrec::app {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::XmlPage;

TEST(Html, MarkupControlsAndForeignBytesAreNoMarkup) {
  EXPECT_EQ(html_text("<b a=\"1\" c='2'>&amp;"),
            "&lt;b a=&quot;1&quot; c=&#39;2&#39;&gt;&amp;amp;");
  EXPECT_EQ(html_text("caf\xC3\xA9 \xF0\x9F\x8E\xAC"), "caf\xC3\xA9 \xF0\x9F\x8E\xAC");
  // Latin-1, a cut character, an overlong "<", a surrogate: a sign each byte.
  EXPECT_EQ(html_text("caf\xE9"), "caf\xEF\xBF\xBD");
  EXPECT_EQ(html_text("\xF0\x9F"), "\xEF\xBF\xBD\xEF\xBF\xBD");
  EXPECT_EQ(html_text("\xC0\xBC"), "\xEF\xBF\xBD\xEF\xBF\xBD");
  EXPECT_EQ(html_text("\xED\xA0\x80"), "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD");
  EXPECT_EQ(html_text(std::string("a\0\x1B[1m\tb", 8)), "a\xEF\xBF\xBD\xEF\xBF\xBD[1m\tb");
}

TEST(Html, TableHasCaptionHeadersAndAReachableBox) {
  HtmlCell bar("0.5");
  bar.share = 0.25;
  HtmlCell wide("same in all");
  wide.columns = 2;
  wide.kind = "good";
  const std::string text =
      html_table({"t", "A & B", {"who", "RMSE", "how"}, {{"<x>", bar, "good"}, {"y", wide}}});
  const XmlPage page(text);
  EXPECT_THAT(page.texts("//caption"), ElementsAre("A & B"));
  EXPECT_THAT(page.texts("//th[@scope='col']"), ElementsAre("who", "RMSE", "how"));
  EXPECT_THAT(page.texts("//th[@scope='row']"), ElementsAre("<x>", "y"));
  EXPECT_THAT(page.row("t", "<x>"), ElementsAre("0.5", "good"));
  EXPECT_THAT(page.texts("//td[@colspan='2'][@class='good']"), ElementsAre("same in all"));
  EXPECT_THAT(page.texts("//*[@class='figure']"), ElementsAre("RMSE", "0.5"))
      << "a column of figures leans right, its name too";
  EXPECT_EQ(page.count("//div[@tabindex='0'][@aria-labelledby='t-caption'][.//@id='t-caption']"),
            1U);
  EXPECT_THAT(text, HasSubstr("--share:25.0%"));
}

}  // namespace
}  // namespace nnrec::app
