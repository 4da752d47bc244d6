#include "app/report/themed_svg.hpp"

#include <array>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/expect_error.hpp"
#include "support/xml_page.hpp"

namespace nnrec::app {
namespace {

using ::testing::ElementsAre;
using testing::expect_error;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::XmlPage;

constexpr std::array<const char*, 2> kColours{"#0072B2", "#D55E00"};

/// In the manner of gnuplot's svg terminal.
constexpr const char* kDrawn = R"svg(<?xml version="1.0" encoding="utf-8"  standalone="no"?>
<svg viewBox="0 0 400 300" xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink">
<title>Gnuplot</title>
<desc>Produced by GNUPLOT</desc>
<g id="gnuplot_canvas">
<defs><circle id='gpPt5' r='1'/><use xlink:href='#gpPt5' id='gpPt6' fill='currentColor' stroke='none'/></defs>
<g fill="none" color="white" stroke="rgb( 96,  96,  96)">
<g fill="none" color="black" stroke="currentColor">
</g>
</g>
<path stroke='rgb(200, 200, 200)'  class="gridline"  d='M1,2'/>
<g transform="translate(1,2)" stroke="none" fill="black" font-family="sans-serif" font-size="13.00"><text>2.1</text></g>
<g id="gnuplot_plot_1a" ><title>ab</title>
<path stroke='rgb(  0, 114, 178)' d='M3,4'/>
<use xlink:href='#gpPt6' color='rgb(213,  94,   0)'/>
<polygon fill = 'rgb(  0, 114, 178)' points = '1,2'/>
</g>
<g id="gnuplot_plot_1b" ><title>gnuplot_plot_1b</title><path d='M5,6'/></g>
</g>
</svg>
)svg";

TEST(ThemedSvg, ColoursAreThePagesAndIdsAreUnique) {
  const std::string text = themed_svg(kDrawn, {"wide", kColours, {"it's <a_b>", ""}});
  const XmlPage page("<svg>" + text + "</svg>");
  EXPECT_EQ(page.count("//path[@class='colour-0'][@stroke='currentColor'][@d='M3,4']"), 1U);
  EXPECT_EQ(page.count("//use[@class='colour-1'][@href='#wide-gpPt6']"), 1U);
  EXPECT_EQ(page.count("//polygon[@class='colour-0'][@fill='currentColor']"), 1U);
  EXPECT_EQ(page.count("//path[@class='gridline'][not(@stroke)]"), 1U);
  EXPECT_THAT(page.texts("//title"), ElementsAre("it's <a_b>")) << "the other plot has none";
  EXPECT_EQ(page.count("//g[@class='plot']/path[@d='M3,4']"), 1U);
  EXPECT_THAT(page.texts("//@id"), ElementsAre("wide-gnuplot_canvas", "wide-gpPt5", "wide-gpPt6"));
  EXPECT_EQ(page.count("//g[not(*)]"), 0U) << "groups of nothing";
  EXPECT_EQ(page.count("//text[.='2.1'][../@fill='currentColor']"), 1U);
  for (const char* kept : {"rgb(", "black", "white", "font-family", "xlink", "GNUPLOT"})
    EXPECT_THAT(text, Not(HasSubstr(kept)));
}

TEST(ThemedSvg, WhatIsNoDrawingIsRefused) {
  expect_error(ErrorKind::internal, HasSubstr("another shape"), [] {
    themed_svg("<svg></svg>", {"wide", kColours, {}});
  });
  expect_error(ErrorKind::internal, HasSubstr("2 lines where 1 are expected"), [] {
    themed_svg(kDrawn, {"wide", kColours, {"one"}});
  });
}

}  // namespace
}  // namespace nnrec::app
