// SPDX-License-Identifier: MIT
// An injected trace cannot be wrong in one character unseen: whatever it says of an answer of the kernel's is held
// against that answer, and what it asks the kernel for leads to no other line than its own or a later one.
#include "cli/boot_point.h"
#include "cli/trace_replay.h"
#include "trace/trace_parse.h"
#include "trace/trace_print.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <vector>

namespace {

using namespace ringcheck;
using namespace ringcheck::cli;

class TraceMutation : public testing::Test {
protected:
    static void SetUpTestSuite()
    {
        options.kernel = AETHEL_DEFAULT_KERNEL;
        files = std::make_unique<GuestFiles>(GuestFiles::load(options).value());
        boot = BootPoint::boot(*files, options, false);
    }
    static void TearDownTestSuite()
    {
        boot.reset();
        files.reset();
    }
    static Replay replay(const Trace& trace)
    {
        const auto session = Session::create(*files, options, trace.program, LogFilter::Normal, boot.get());
        return replay_trace(*session.value(), trace, options.limit);
    }
    /// The texts of traces/injected, by their paths.
    static std::vector<std::pair<std::string, std::string>> texts()
    {
        std::vector<std::pair<std::string, std::string>> all;
        for (const auto& entry : std::filesystem::directory_iterator(AETHEL_TRACES "/injected")) {
            all.emplace_back(entry.path(), read_text_file(entry.path()).value());
        }
        return all;
    }

    static inline GuestOptions options;
    static inline std::unique_ptr<GuestFiles> files;
    static inline std::unique_ptr<BootPoint> boot;
};

char other(char c)
{
    return c == '9' || c == 'f' || c == 'z' || c == 'Z' ? '1' : static_cast<char>(c + 1);
}

/// In a pattern, which says nothing of its own.
bool in_pattern(const std::string& text, std::size_t at)
{
    const std::size_t begin = text.find_last_of(" ,={(", at);
    return text[begin + 1] == '$' || text[begin + 1] == '*';
}

TEST_F(TraceMutation, IsFoundWhereverAnAnswerStands)
{
    unsigned mutants = 0;
    for (const auto& [path, text] : texts()) {
        const Trace trace = parse_trace(text).value();
        const Replay real = replay(trace);
        ASSERT_FALSE(real.difference) << path;
        unsigned line = 1;
        std::size_t begin = 0;
        for (std::size_t at = 0; at < text.size(); ++at) {
            if (text[at] == '\n') {
                ++line;
                begin = at + 1;
                continue;
            }
            const std::string before = text.substr(begin, at - begin);
            const bool answer = before.starts_with("syscall")
                                    ? before.contains(") = ")
                                    : before.starts_with("holds") || before.starts_with("exit");
            if (!answer || text[at] == ' ' || in_pattern(text, at)) {
                continue;
            }
            std::string mutant = text;
            mutant[at] = other(text[at]);
            ++mutants;
            const auto parsed = parse_trace(mutant);
            const auto difference = parsed ? compare_traces(*parsed, real.actual) : std::nullopt;
            const unsigned found = !parsed ? parsed.error().line : difference ? difference->line : 0;
            EXPECT_EQ(found, line) << path << ", column " << at - begin + 1 << ": " << mutant.substr(begin, 100);
        }
    }
    EXPECT_GT(mutants, 2000u); // else the traces were not there
}

/// All that a program's trace says was its own doing; by a character of each word, since there are many.
TEST_F(TraceMutation, IsFoundWhereverAProgramsTraceIsChanged)
{
    unsigned mutants = 0;
    for (const char* const name : {"hello", "memory", "processes", "read_kernel", "threads", "counter", "sleepers",
                                   "pie", "hello_interrupted"}) {
        const std::string path = fmt::format("{}/{}.trace", AETHEL_TRACES, name);
        const std::string text = print_trace(load_trace(path).value()); // without comments, which say nothing
        const Replay real = replay(parse_trace(text).value());
        ASSERT_FALSE(real.difference) << path;
        unsigned line = 1;
        for (std::size_t at = 0; at + 1 < text.size(); ++at) {
            line += text[at] == '\n' ? 1 : 0;
            const bool ends_word = text[at] != ' ' && text[at] != '\n' && (text[at + 1] == ' ' || text[at + 1] == '\n');
            if (line < 3 || !ends_word || text[at] == '\\') {
                continue;
            }
            std::string mutant = text;
            mutant[at] = other(text[at]);
            ++mutants;
            const auto parsed = parse_trace(mutant);
            const auto difference = parsed ? compare_traces(*parsed, real.actual) : std::nullopt;
            if (!parsed && parsed.error().text == "children stand in the order of their numbers, each once") {
                EXPECT_GE(parsed.error().line, line) << path; // the next child is the one that comes too late
                continue;
            }
            EXPECT_EQ(!parsed ? parsed.error().line : difference ? difference->line : 0, line) << path;
        }
    }
    EXPECT_GT(mutants, 400u);
}

TEST_F(TraceMutation, OfAQuestionLeadsToItsLineOrALaterOne)
{
    constexpr unsigned kStride = 13; // lines of which one is changed
    unsigned mutants = 0, noticed = 0;
    for (const auto& [path, text] : texts()) {
        const Trace trace = parse_trace(text).value();
        for (std::size_t i = 0; i < trace.events.size(); ++i) {
            const auto* const call = std::get_if<SyscallEvent>(&trace.events[i].what);
            if (call == nullptr || call->arguments.empty() || i % kStride != path.size() % kStride) {
                continue;
            }
            Trace mutant = trace;
            Argument& argument = std::get<SyscallEvent>(mutant.events[i].what).arguments[i % call->arguments.size()];
            argument = std::holds_alternative<Integer>(argument) ? Argument{Integer{true, 3}} : RawAddress{0x12345};
            const Replay replayed = replay(mutant);
            ++mutants;
            noticed += replayed.difference ? 1 : 0;
            EXPECT_TRUE(!replayed.difference || replayed.difference->line >= trace.events[i].line)
                << path << ":" << trace.events[i].line;
        }
    }
    EXPECT_GT(mutants, 20u);
    EXPECT_GT(noticed, mutants / 4);
}

} // namespace
