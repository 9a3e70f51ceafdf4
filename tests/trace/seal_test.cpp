// SPDX-License-Identifier: MIT
// Property: a sealed trace that is changed in one character, in any line, or by a line more or less, is found changed,
// and where; the seal's own lines as well.
#include "trace/generator.h"
#include "trace/seal.h"
#include "trace/trace_parse.h"
#include "trace/trace_print.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace {

using namespace ringcheck;

constexpr std::string_view kText = "# ringcheck trace 1\n"
                                   "program hello\n"
                                   "\n"
                                   "# why\n"
                                   "enter    _start\n"
                                   "syscall  exit(0)\n"
                                   "exit     status 0\n";

/// A text of so many lines.
std::string lines_of(unsigned count)
{
    std::string text;
    for (unsigned i = 0; i < count; ++i) {
        text += "# line " + std::to_string(i) + "\n";
    }
    return text;
}

unsigned broken_line(const std::string& text)
{
    const auto broken = find_broken_seal(text);
    return broken ? broken->line : 0;
}

/// The line that holds the character, from 1.
unsigned line_at(std::string_view text, std::size_t at)
{
    return static_cast<unsigned>(1 + std::ranges::count(text.substr(0, at), '\n'));
}

TEST(Seal, IsTheSumOfEachLineAndAHashOfAll)
{
    EXPECT_EQ(with_seal(kText), std::string(kText) + "seal     7e 42 ff 71 25 2c 65\nsealed   ae491305328a06b5\n");
}

TEST(Seal, FitsWhatItWasMadeFor)
{
    for (const unsigned count : {0u, 1u, 31u, 32u, 33u, 64u, 200u}) {
        const std::string text = lines_of(count), sealed = with_seal(text);
        EXPECT_TRUE(is_sealed(sealed));
        EXPECT_FALSE(is_sealed(text));
        EXPECT_EQ(without_seal(sealed), text);
        EXPECT_EQ(with_seal(sealed), sealed);
        EXPECT_EQ(broken_line(sealed), 0u) << count;
        EXPECT_EQ(broken_line(text), 0u) << count;
    }
}

TEST(Seal, FindsEachChangedCharacter)
{
    unsigned mutants = 0;
    for (const unsigned count : {1u, 7u, 33u, 70u}) {
        const std::string sealed = with_seal(lines_of(count));
        for (std::size_t at = 0; at < sealed.size(); ++at) {
            for (const char c : {' ', '#', '0', 'a', static_cast<char>(sealed[at] ^ 1)}) {
                std::string changed = sealed;
                changed[at] = c;
                if (sealed[at] != '\n' && c != sealed[at] && c != '\n') {
                    ++mutants;
                    ASSERT_EQ(broken_line(changed), line_at(sealed, at)) << count << " lines: " << changed;
                }
            }
        }
    }
    EXPECT_GT(mutants, 5000u);
}

TEST(Seal, FindsLinesMoreAndLess)
{
    const std::string text = lines_of(100), sealed = with_seal(text);
    const auto changed = [&sealed](std::size_t at, std::size_t size, std::string_view with) {
        return std::string(sealed).replace(at, size, with);
    };
    const std::size_t tenth = text.find("# line 9\n");
    EXPECT_EQ(broken_line(changed(tenth, 0, "# new\n")), 10u);
    EXPECT_EQ(broken_line(changed(tenth, 9, "")), 10u);
    EXPECT_EQ(broken_line(changed(0, 9, "")), 1u);
    EXPECT_EQ(find_broken_seal(changed(text.size(), 0, "# new\n"))->text,
              "this line was not there when the trace was sealed");
    EXPECT_EQ(broken_line(changed(text.size(), 0, "# new\n")), 101u);
    EXPECT_EQ(find_broken_seal(changed(text.size() - 20, 20, ""))->text, "2 sealed lines are missing behind this one");
    EXPECT_EQ(broken_line(changed(text.size() - 20, 20, "")), 98u);
    // Of the seal itself: a line that is gone, one that is there twice, one behind it.
    const std::size_t hash = sealed.find("sealed");
    EXPECT_EQ(broken_line(changed(hash, sealed.size() - hash, "")), 104u);
    EXPECT_EQ(broken_line(changed(text.size(), hash - text.size(), "")), 101u);
    EXPECT_EQ(broken_line(changed(sealed.find("seal"), sealed.find("seal", text.size() + 1) - text.size(), "")), 101u);
    EXPECT_EQ(broken_line(sealed + "\n"), 106u);
}

TEST(Seal, SaysNothingOfItsOwnInATrace)
{
    for (unsigned seed = 0; seed < 300; ++seed) {
        const Trace trace = trace_tests::Generator(seed).trace();
        const auto parsed = parse_trace(with_seal(print_trace(trace)));
        ASSERT_TRUE(parsed) << seed;
        ASSERT_EQ(*parsed, trace) << seed;
        ASSERT_FALSE(parsed->broken_seal) << seed;
    }
    const auto broken = parse_trace(std::string(kText) + "seal\n");
    ASSERT_TRUE(broken);
    EXPECT_EQ(format_broken_seal("t", *broken),
              "t:8: error: the seal is not the one that was written for the lines before it\n"
              "note: to accept the file as it is: ringcheck trace seal t\n");
    EXPECT_FALSE(parse_trace("# ringcheck trace 1\nprogram hello\nseal\nexit status 0\n"));
}

} // namespace
