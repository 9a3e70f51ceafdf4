// SPDX-License-Identifier: MIT
// What a trace gives its program beside arguments: read, printed and laid out as the same lines, and refused where it
// cannot be.
#include "trace/trace_parse.h"
#include "trace/trace_print.h"
#include "trace/trace_text.h"

#include <gtest/gtest.h>

#include <string>

namespace {

using namespace ringcheck;

constexpr const char* kText = "# ringcheck trace 1\n"
                              "program cat \"note\"\n"
                              "environment \"HOME=/\"\n"
                              "environment \"x_1=a=b\"\n"
                              "file \"etc/note\" \"one\\ntwo\\x00\"\n"
                              "file \"empty\" \"\"\n"
                              "input \"typed\\n\"\n"
                              "input \"\\x04\"\n"
                              "enter    _start\n"
                              "exit     status 0\n";

TEST(TraceSetting, IsReadAndPrintedAsTheSameLines)
{
    const auto trace = parse_trace(kText);
    ASSERT_TRUE(trace) << trace.error().text;
    const Setting& setting = trace->setting;
    EXPECT_EQ(setting.environment, (std::vector<std::string>{"HOME=/", "x_1=a=b"}));
    EXPECT_EQ(setting.files, (std::vector<GivenFile>{{"etc/note", std::string("one\ntwo\0", 8)}, {"empty", ""}}));
    EXPECT_EQ(setting.input, (std::vector<std::string>{"typed\n", "\x04"}));
    EXPECT_EQ(trace->program_line, 2u);
    EXPECT_EQ(trace->header_end, 8u);
    EXPECT_EQ(print_trace(*trace), kText);
}

TEST(TraceSetting, IsPartOfATracesIdentity)
{
    const auto trace = parse_trace(kText);
    ASSERT_TRUE(trace);
    Trace other = *trace;
    EXPECT_EQ(other, *trace);
    other.setting.input.back() = "\x03";
    EXPECT_FALSE(other == *trace);
}

TEST(TraceSetting, IsLaidOutLineByLine)
{
    const std::string untidy = "# ringcheck trace 1\n  program   cat\n# who is at home\nenvironment\t\"HOME=/\"\n"
                               " input  \"x\\n\"  \nenter _start\nexit status 0\n";
    const auto trace = parse_trace(untidy);
    ASSERT_TRUE(trace) << trace.error().text;
    EXPECT_EQ(lay_out(untidy, *trace), "# ringcheck trace 1\nprogram cat\n# who is at home\nenvironment \"HOME=/\"\n"
                                       "input \"x\\n\"\nenter    _start\nexit     status 0\n");
}

std::string error_of(const std::string& lines)
{
    const auto trace = parse_trace("# ringcheck trace 1\n" + lines + "enter _start\nexit status 0\n");
    return trace ? "" : format_parse_error("t", trace.error());
}

TEST(TraceSetting, IsRefusedWithItsPlace)
{
    const std::string order = "environment lines, then file lines, then input lines, then one follow line come before "
                              "the first event";
    EXPECT_EQ(error_of("program a\ninput \"x\"\nfile \"a\" \"\"\n"), "t:4:1: error: " + order);
    EXPECT_EQ(error_of("program a\nfile \"a\" \"\"\nenvironment \"A=1\"\n"), "t:4:1: error: " + order);
    EXPECT_EQ(error_of("program a\nenter _start\ninput \"x\"\n"), "t:4:1: error: " + order);
    EXPECT_EQ(error_of("environment \"A=1\"\nprogram a\n"), "t:2:1: error: the program line comes first");
    EXPECT_EQ(error_of("injected a\ninput \"x\"\n"),
              "t:3:1: error: no program of an injected trace's own is started, and none is given anything");
    for (const char* bad : {"A", "=1", "1A=2", "A B=1"}) {
        EXPECT_NE(error_of("program a\nenvironment \"" + std::string(bad) + "\"\n").find("a variable is NAME=value"),
                  std::string::npos)
            << bad;
    }
    for (const char* bad : {"", "/a", "a b", "\\x00"}) {
        EXPECT_NE(error_of("program a\nfile \"" + std::string(bad) + "\" \"\"\n").find("a file's name is"),
                  std::string::npos)
            << bad;
    }
    EXPECT_EQ(error_of("program a\ninput \"" + std::string(4000, 'x') + "\"\n"), "");
    EXPECT_NE(error_of("program a\ninput x\n"), "");
    EXPECT_NE(error_of("program a\ninput \"x\" \"y\"\n"), "");
    EXPECT_NE(error_of("program a\nfile \"x\"\n"), "");
}

} // namespace
