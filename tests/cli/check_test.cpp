// SPDX-License-Identifier: MIT
// ringcheck check: a case for each run and each rule, in every form that it is told in.
#include "cli/check_report.h"
#include "cli/program.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <pugixml.hpp>

namespace {

using ringcheck::cli::CheckCase;
using ::testing::HasSubstr;
using ::testing::StartsWith;
using Outcome = CheckCase::Outcome;

pugi::xml_document parsed(const std::string& text)
{
    pugi::xml_document document;
    const pugi::xml_parse_result result = document.load_string(text.c_str(), pugi::parse_full);
    EXPECT_TRUE(result) << result.description() << "\n" << text;
    return document;
}

TEST(Check, ReportsACaseForEachRunAndEachRule)
{
    const support::TemporaryFolder folder;
    const std::string file = folder.path("junit.xml");
    const cli_test::Ran ran =
        cli_test::ringcheck("check $KERNEL $TRACES/hello.trace --program counter --junit " + file);
    EXPECT_EQ(ran.status, 0) << ran.out << ran.err;
    const pugi::xml_document document = parsed(cli_test::read_file(file));
    const auto suites = document.select_nodes("/testsuites/testsuite");
    ASSERT_EQ(suites.size(), 2u);
    EXPECT_STREQ(suites[0].node().attribute("name").value(), "runs");
    EXPECT_EQ(document.select_nodes("//testsuite[@name='runs']/testcase").size(), 2u);
    const std::size_t rules = cli_test::ringcheck("rules --json").lines().size();
    EXPECT_EQ(document.select_nodes("//testsuite[@name='rules']/testcase").size(), rules);
    EXPECT_EQ(document.child("testsuites").attribute("tests").as_uint(), rules + 2);
    EXPECT_EQ(document.child("testsuites").attribute("failures").as_uint(), 0u);
    EXPECT_THAT(ran.out, HasSubstr(" 0 failed"));
}

TEST(Check, FailsWithTheDifferenceOfATrace)
{
    const support::TemporaryFolder folder;
    std::string trace = cli_test::read_file(AETHEL_TRACES "/hello.trace");
    trace.replace(trace.find("Ring 3"), 6, "Ring 0");
    std::ofstream(folder.path("changed.trace")) << trace;
    const std::string file = folder.path("junit.xml");
    const cli_test::Ran ran = cli_test::ringcheck("check $KERNEL --junit " + file + " " + folder.path("changed.trace"));
    EXPECT_EQ(ran.status, 1);
    EXPECT_THAT(ran.out, HasSubstr("FAIL  runs"));
    const pugi::xml_document document = parsed(cli_test::read_file(file));
    const pugi::xml_node failure = document.select_node("//testcase/failure").node();
    EXPECT_STREQ(failure.attribute("message").value(), "syscall differs from the recording");
    EXPECT_THAT(failure.text().get(), HasSubstr("Ring 0"));
    EXPECT_EQ(document.child("testsuites").attribute("failures").as_uint(), 1u);
}

TEST(Check, BootsAloneWhenNothingElseIsAskedFor)
{
    const cli_test::Ran ran = cli_test::ringcheck("check $KERNEL --tap");
    EXPECT_EQ(ran.status, 0) << ran.err;
    EXPECT_THAT(ran.out, StartsWith("TAP version 13\n1.."));
    EXPECT_THAT(ran.out, HasSubstr("ok 1 - runs boot\n"));
}

TEST(Check, CountsItsTapLines)
{
    const auto lines = cli_test::ringcheck("check $KERNEL --tap").lines();
    EXPECT_EQ(lines.at(1), "1.." + std::to_string(lines.size() - 2));
}

const std::vector<CheckCase> kOneOfEach{
    {"runs", "a & b", Outcome::Passed, "", "", 0.5},
    {"rules", "one", Outcome::Failed, "violated in \"<boot>\"", "expected 1\n\x01\xff actual → 2\n", 0},
    {"rules", "two", Outcome::Skipped, "needs more", "", 0},
};

TEST(CheckReport, SurvivesAnXmlParser)
{
    const pugi::xml_document document = parsed(ringcheck::cli::check_junit(kOneOfEach));
    EXPECT_STREQ(document.select_node("//testsuite[@name='runs']/testcase").node().attribute("name").value(), "a & b");
    const pugi::xml_node failure = document.select_node("//failure").node();
    EXPECT_STREQ(failure.attribute("message").value(), "violated in \"<boot>\"");
    EXPECT_STREQ(failure.text().get(), "expected 1\n\\x01\\xff actual → 2\n");
    EXPECT_STREQ(document.select_node("//skipped").node().attribute("message").value(), "needs more");
    const pugi::xml_node rules = document.select_node("//testsuite[@name='rules']").node();
    EXPECT_EQ(rules.attribute("tests").as_int(), 2);
    EXPECT_EQ(rules.attribute("failures").as_int(), 1);
    EXPECT_EQ(rules.attribute("skipped").as_int(), 1);
}

TEST(CheckReport, KeepsOnlyCharactersThatXmlHas)
{
    using ringcheck::cli::xml_characters;
    EXPECT_EQ(xml_characters("tab\tline\n→ é 𝄞"), "tab\tline\n→ é 𝄞");
    EXPECT_EQ(xml_characters(std::string_view("\0\x1b\x7f\r", 4)), "\\x00\\x1b\\x7f\\x0d");
    EXPECT_EQ(xml_characters("\xc3"), "\\xc3") << "cut off";
    EXPECT_EQ(xml_characters("\xc0\xaf"), "\\xc0\\xaf") << "longer than it need be";
    EXPECT_EQ(xml_characters("\xed\xa0\x80"), "\\xed\\xa0\\x80") << "a surrogate";
    EXPECT_EQ(xml_characters("\xef\xbf\xbf"), "\\xef\\xbf\\xbf") << "no character";
    EXPECT_EQ(xml_characters("\xf4\x90\x80\x80"), "\\xf4\\x90\\x80\\x80") << "beyond the last";
}

TEST(CheckReport, MarksFailuresAndSkipsInTap)
{
    std::vector<CheckCase> cases = kOneOfEach;
    cases[1].details = "expected 1\n";
    EXPECT_EQ(ringcheck::cli::check_tap(cases), "TAP version 13\n1..3\nok 1 - runs a & b\nnot ok 2 - rules one\n  ---\n"
                                                "  message: |\n    violated in \"<boot>\"\n    expected 1\n  ...\n"
                                                "ok 3 - rules two # SKIP needs more\n");
}

} // namespace
