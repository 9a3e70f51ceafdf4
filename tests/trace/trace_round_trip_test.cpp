// SPDX-License-Identifier: MIT
// Property: parser and printer are inverse, for every trace that can be built, and damaged text is refused with a place
// or read as another trace, never anything else.
#include "generator.h"
#include "trace/trace_parse.h"
#include "trace/trace_print.h"

#include <gtest/gtest.h>

namespace {

using namespace ringcheck;
using trace_tests::Generator;

constexpr const char* kHello = "# ringcheck trace 1\n"
                               "program hello\n"
                               "enter    _start\n"
                               "syscall  write(1, \"Hello from user space! (Ring 3)\\n\", 32) = 32\n"
                               "syscall  exit(0)\n"
                               "exit     status 0\n";

TEST(TraceText, ParsesAndPrintsTheExampleOfTheGrammar)
{
    const auto trace = parse_trace(kHello);
    ASSERT_TRUE(trace) << trace.error().text;
    ASSERT_EQ(trace->events.size(), 4u);
    EXPECT_EQ(trace->program, "hello");
    EXPECT_EQ(trace->events[1].line, 4u);
    const SyscallEvent expected{
        "write",
        {Integer{false, 1}, Buffer{"Hello from user space! (Ring 3)\n", false}, Integer{false, 32}},
        Integer{false, 32}};
    EXPECT_EQ(trace->events[1].what, (decltype(Event::what){expected}));
    EXPECT_EQ(print_trace(*trace), kHello);
}

TEST(TraceText, ParserAndPrinterAreInverse)
{
    for (unsigned seed = 0; seed < 4000; ++seed) {
        const Trace trace = Generator(seed).trace();
        const std::string text = print_trace(trace);
        const auto parsed = parse_trace(text);
        ASSERT_TRUE(parsed) << "seed " << seed << ", " << parsed.error().line << ":" << parsed.error().column << ": "
                            << parsed.error().text << "\n"
                            << text;
        ASSERT_EQ(*parsed, trace) << "seed " << seed << "\n" << text << "read as\n" << print_trace(*parsed);
    }
}

TEST(TraceText, BlanksAndCommentsSayNothing)
{
    const auto plain = parse_trace(kHello);
    const auto spread =
        parse_trace("# ringcheck trace 1\n\n# who: \xc3\xa9\n \t program \t hello \nenter\t_start  \n   "
                    "\nsyscall write( 1,\t\"Hello from user space! (Ring 3)\\n\",32)   =  32\n"
                    "  # indented\nsyscall exit(0) \nexit    status   0\n# after\n");
    ASSERT_TRUE(spread) << spread.error().text;
    EXPECT_EQ(*spread, *plain);
}

std::string mutate(std::string text, Generator& random)
{
    for (std::uint64_t count = 1 + random.below(3); count > 0 && !text.empty(); --count) {
        const std::size_t place = random.below(text.size());
        switch (random.below(4)) {
        case 0: text[place] = static_cast<char>(random.below(256)); break;
        case 1: text.erase(place, 1 + random.below(8)); break;
        case 2: text.insert(place, 1, "\"\\(),=-+#0x \n"[random.below(13)]); break;
        default: text.resize(place); break;
        }
    }
    return text;
}

TEST(TraceText, DamagedTextIsRefusedWithAPlaceOrMeansWhatItPrints)
{
    unsigned refused = 0;
    for (unsigned seed = 0; seed < 6000; ++seed) {
        Generator random(seed);
        const std::string text = mutate(print_trace(random.trace()), random);
        const auto parsed = parse_trace(text);
        if (parsed) {
            ASSERT_EQ(*parse_trace(print_trace(*parsed)), *parsed) << "seed " << seed << "\n" << text;
        } else {
            ++refused;
            ASSERT_GE(parsed.error().line, 1u) << "seed " << seed;
            ASSERT_GE(parsed.error().column, 1u) << "seed " << seed;
            ASSERT_FALSE(parsed.error().text.empty()) << "seed " << seed;
            ASSERT_EQ(parsed.error().text.find('\n'), std::string::npos) << "seed " << seed;
        }
    }
    EXPECT_GT(refused, 3000u); // else the damage does not reach the parser
}

} // namespace
