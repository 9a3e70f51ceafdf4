// SPDX-License-Identifier: MIT
// No trace can be wrong in one character unseen: whatever it says of an answer of the kernel's is held against that
// answer, what it asks the kernel for leads to no other line than its own or a later one, and the seal tells of the
// rest.
#include "cli/boot_point.h"
#include "cli/program.h"
#include "cli/trace_replay.h"
#include "trace/seal.h"
#include "trace/trace_parse.h"
#include "trace/trace_print.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
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
    /// The texts of a folder of traces, by their paths.
    static std::vector<std::pair<std::string, std::string>> texts(const std::string& folder = "injected")
    {
        std::vector<std::pair<std::string, std::string>> all;
        for (const auto& entry : std::filesystem::directory_iterator(AETHEL_TRACES "/" + folder)) {
            if (entry.path().extension() == ".trace") {
                all.emplace_back(entry.path(), read_text_file(entry.path()).value());
            }
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
    for (const auto& [path, sealed] : texts()) {
        const std::string text(without_seal(sealed));
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

/// Comments, questions and layout too: in each line of each injected trace, in each third of the others, and in the
/// seals.
TEST_F(TraceMutation, IsFoundInEveryLineByTheSeal)
{
    unsigned mutants = 0;
    for (const char* const folder : {"injected", ".", "hostile"}) {
        for (const auto& [path, text] : texts(folder)) {
            ASSERT_TRUE(is_sealed(text)) << path << ": ringcheck trace seal " << path;
            ASSERT_FALSE(parse_trace(text).value().broken_seal) << path;
            const unsigned stride = std::string(folder) == "injected" ? 1 : 3;
            unsigned line = 0;
            for (std::size_t begin = 0; begin < text.size(); begin = text.find('\n', begin) + 1) {
                const std::size_t size = text.find('\n', begin) - begin;
                if (++line % stride != 0 || size == 0) {
                    continue;
                }
                // One place of each line, elsewhere in each, and the last one.
                for (const std::size_t at : {begin + line * 7 % size, begin + size - 1}) {
                    std::string mutant = text;
                    mutant[at] = other(text[at]);
                    ++mutants;
                    const auto parsed = parse_trace(mutant);
                    const unsigned found = !parsed               ? parsed.error().line
                                           : parsed->broken_seal ? parsed->broken_seal->line
                                                                 : 0;
                    EXPECT_EQ(found, line) << path << ": " << mutant.substr(begin, size);
                }
            }
        }
    }
    EXPECT_GT(mutants, 3000u);
}

/// The same as a user sees it: exit status, place, and that a difference is told first.
TEST_F(TraceMutation, EndsReplayWithAnErrorAtItsLine)
{
    const support::TemporaryFolder folder;
    const std::string file = folder.path("t.trace");
    const auto replay_of = [&](std::string text, const std::string& before, const std::string& after, int status = 1) {
        const std::size_t at = text.find(before);
        EXPECT_NE(at, std::string::npos) << before;
        const auto line = 1 + std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(at), '\n');
        std::ofstream(file) << text.replace(at, before.size(), after);
        cli_test::Ran ran = cli_test::ringcheck("replay $KERNEL " + file);
        EXPECT_EQ(ran.status, status) << ran.out << ran.err;
        EXPECT_TRUE(ran.err.starts_with(fmt::format("{}:{}:{} error: ", file, line, status == 1 ? "" : "1:")))
            << ran.err;
        return ran;
    };
    const std::string hello = cli_test::read_file(AETHEL_TRACES "/hello.trace");
    const std::string changed =
        "this line is not the one that was sealed\nnote: to accept the file as it is: ringcheck "
        "trace seal " +
        file + "\n";
    const std::string injected = with_seal("# ringcheck trace 1\ninjected hello\n# why: no file\n"
                                           "syscall  write(1, KERNEL_BASE, 8) = -1 EFAULT\n"
                                           "syscall  exit(0)\nexit     status 0\n");
    EXPECT_TRUE(replay_of(injected, "(1, K", "(2, K").err.ends_with(changed)); // the kernel answers both alike
    EXPECT_TRUE(replay_of(injected, "why: n", "why: N").err.ends_with(changed));
    EXPECT_TRUE(replay_of(injected, "syscall  e", "syscall\te").err.ends_with(changed));
    EXPECT_NE(replay_of(injected, "exit     status 0", "exit     status 1").err.find("differs from the recording"),
              std::string::npos);
    EXPECT_NE(replay_of(hello, "Ring 3", "Ring 0").err.find("differs from the recording"), std::string::npos);
    EXPECT_NE(replay_of(hello, "seal ", "#eal ").out.find("is not what was sealed"), std::string::npos);
    EXPECT_TRUE(replay_of(hello, "seal ", "seaL", 2).err.ends_with("nothing follows the exit line\n"));
    EXPECT_TRUE(replay_of("# ringcheck trace 1\ninjected hello\nmemory m valid 8\nholds m *\nsyscall exit(0)\n"
                          "exit status 0\nseal     7e f5 d9 c2 eb 1d\n",
                          "memory m", "memory n", 2)
                    .err.ends_with("; with it, line 4 is wrong: no memory is named 'm' before this line\n"));
    EXPECT_NE(replay_of(hello, "sealed  ", "sealed# ").out.find("is not what was sealed"), std::string::npos);

    // Everything that reads the file says so; sealing it accepts it.
    EXPECT_EQ(cli_test::ringcheck("trace lint " + file).status, 1);
    EXPECT_EQ(cli_test::ringcheck("trace show " + file).status, 1);
    EXPECT_EQ(cli_test::ringcheck("trace fmt " + file).status, 1);
    EXPECT_EQ(cli_test::ringcheck("export --strace " + file).status, 1);
    EXPECT_EQ(cli_test::ringcheck("check $KERNEL " + file).status, 1);
    EXPECT_NE(cli_test::ringcheck("replay --json $KERNEL " + file).out.find("\"broken_seal\":8,"), std::string::npos);
    EXPECT_EQ(cli_test::ringcheck("replay --update $KERNEL " + file).out,
              file + "  holds as it is, and is sealed anew\n");
    EXPECT_EQ(cli_test::read_file(file), hello);
}

TEST(TraceCommand, SealsAndTakesSealsAway)
{
    const support::TemporaryFolder folder;
    const std::string file = folder.path("t.trace");
    const std::string sealed = cli_test::read_file(AETHEL_TRACES "/hello.trace");
    const std::string plain(without_seal(sealed));
    const auto ran = [&file](const std::string& what) {
        const cli_test::Ran ran = cli_test::ringcheck(what + " " + file);
        EXPECT_EQ(ran.status, 0) << ran.err;
        return ran.out;
    };
    std::ofstream(file) << sealed;
    EXPECT_EQ(ran("trace seal"), "");
    EXPECT_EQ(ran("trace fmt"), "");
    EXPECT_EQ(ran("trace seal --remove"), file + " has no seal any more\n");
    EXPECT_EQ(cli_test::read_file(file), plain);
    EXPECT_EQ(ran("trace seal --remove"), "");
    EXPECT_EQ(ran("trace seal"), file + " was sealed\n");
    EXPECT_EQ(cli_test::read_file(file), sealed);
    std::ofstream(file) << with_seal(std::string(plain).replace(plain.find("exit("), 0, "  "));
    EXPECT_EQ(ran("trace fmt"), file + " was laid out anew\n");
    EXPECT_EQ(cli_test::read_file(file), sealed);
    std::ofstream(file) << std::string(sealed).replace(0, plain.size(), plain + "# more\n");
    EXPECT_EQ(ran("trace seal"), file + " was sealed anew\n");
    EXPECT_EQ(cli_test::ringcheck("trace show --remove " + file).status, 2);
    std::ofstream(file) << "# ringcheck trace 1\nprogram hello\n";
    EXPECT_EQ(cli_test::ringcheck("trace seal " + file).status, 2);
    EXPECT_EQ(ran("record $KERNEL --program hello --seal -o"), "");
    EXPECT_EQ(cli_test::read_file(file), sealed);
}

} // namespace
