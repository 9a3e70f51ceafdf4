// SPDX-License-Identifier: MIT
// Property: processes and threads do what Linux's manual pages say, whoever ends or kills whom, and leave nothing
// behind.  The programs of userprogs/ check what they can see; here is checked what only the machine shows.
// Source: fork(2), clone(2), wait4(2), kill(2), futex(2), nanosleep(2).
#include "support/booted_kernel.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

namespace support {
namespace {

using testing::HasSubstr;

/// What the console shows when those lines have been typed.
std::string console_of(std::vector<std::string> lines, std::uint64_t instructions = 400'000'000)
{
    lines.emplace_back("poweroff");
    BootedKernel kernel{std::move(lines)};
    const ringcheck::RunEnd end = kernel.machine->run({.instructions = instructions});
    EXPECT_EQ(end.kind, ringcheck::EndKind::PowerOff) << end.text << kernel.machine->console();
    return kernel.machine->console();
}

/// The console's lines that begin with `word`.
std::vector<std::string> lines_with(const std::string& console, const std::string& word)
{
    std::vector<std::string> found;
    std::istringstream stream(console);
    for (std::string line; std::getline(stream, line);) {
        if (line.starts_with(word)) {
            found.push_back(line);
        }
    }
    return found;
}

/// The last words of ps's row for process `id`, from its state on.
std::string row_of(const std::string& console, const std::string& id)
{
    std::istringstream stream(console);
    std::string row;
    for (std::string line; std::getline(stream, line);) {
        std::istringstream words(line);
        std::string first;
        words >> first;
        row = first == id ? line : row;
    }
    return row;
}

TEST(Processes, DoWhatTheManualPagesSay)
{
    const std::string console = console_of({"run processes", "run threads", "run sleepers"});
    EXPECT_THAT(console, HasSubstr("processes] exited with status 0"));
    EXPECT_THAT(console, HasSubstr("threads] exited with status 0"));
    EXPECT_THAT(console, HasSubstr("sleepers] exited with status 0"));
    EXPECT_THAT(console, Not(HasSubstr("failed:")));
}

TEST(Processes, LeaveNoFrameBehind)
{
    const std::string console =
        console_of({"mem", "run processes", "run threads", "run sleepers", "run read_kernel", "run processes", "mem"});
    const std::vector<std::string> free = lines_with(console, "free");
    ASSERT_EQ(free.size(), 2u) << console;
    EXPECT_EQ(free[0], free[1]);
}

TEST(Processes, AreKilledForWantOfMemoryAndTheConsoleSaysWhy)
{
    ringcheck::MachineConfig small = machine_from_environment();
    small.ram_bytes = std::uint64_t{16} << 20;
    BootedKernel kernel{{"mem", "run exhaustion", "run hello", "mem", "poweroff"}, small};
    const ringcheck::RunEnd end = kernel.run_to_end();
    const std::string& console = kernel.machine->console();
    EXPECT_EQ(end.kind, ringcheck::EndKind::PowerOff) << end.text << console;
    EXPECT_THAT(console, testing::ContainsRegex(R"(\[vessel 3 exhaustion\] killed by SIGKILL \(out of memory: it has )"
                                                R"([0-9]{3,} pages, [0-9] frames are free\): #PF write of )"));
    EXPECT_THAT(console, HasSubstr("hello] exited with status 0"));
    const std::vector<std::string> free = lines_with(console, "free");
    ASSERT_EQ(free.size(), 2u) << console;
    EXPECT_EQ(free[0], free[1]);
}

TEST(Processes, AreKilledWhileTheyComputeAndNeverCall)
{
    const std::string console = console_of({"run spinner &", "run hello", "jobs", "kill 2", "run hello", "jobs"});
    EXPECT_THAT(console, HasSubstr("[vessel 2 spinner] started"));
    EXPECT_EQ(lines_with(console, "[vessel 2 spinner] ready").size(), 1u) << console;
    EXPECT_THAT(console, HasSubstr("[vessel 2 spinner] killed by SIGTERM"));
    EXPECT_THAT(console, HasSubstr("[vessel 4 hello] exited with status 0"));
}

TEST(Processes, ThatTheShellWaitsForEndWithCtrlC)
{
    BootedKernel kernel{{"run sleepers"}};
    kernel.run_to("landmark_process_forked"); // a child that sleeps for a minute
    kernel.machine->set_console_script({"", {"\x03typed ahead"}});
    kernel.run_to("kernel::LineEditor::read");
    kernel.machine->set_console_script({"eldarin> ", {"jobs", "ps", "poweroff"}});
    EXPECT_EQ(kernel.run_to_end().kind, ringcheck::EndKind::PowerOff);
    const std::string console = kernel.machine->console();
    EXPECT_THAT(console, HasSubstr("sleepers] killed by SIGINT\r\neldarin> typed: unknown command, try help\r\n"
                                   "eldarin> jobs\r\neldarin> ps\r\n"));
    EXPECT_EQ(row_of(console, "3"), "") << "the child is still there";
}

TEST(Processes, ThatMakeOthersWithoutEndAreKilledAsAGroup)
{
    const std::string console = console_of({"run fork_bomb 0 1000 &", "run processes", "slots", "kill -2 SIGKILL",
                                            "run hello", "slots", "kill -2", "kill -x"});
    const std::vector<std::string> processes = lines_with(console, "processes");
    ASSERT_EQ(processes.size(), 2u) << console;
    EXPECT_GT(std::stoul(processes[0].substr(processes[0].find(' '))), 20u);
    EXPECT_THAT(processes[1], HasSubstr(" 1 of   512"));
    EXPECT_THAT(console, HasSubstr("fork_bomb] killed by SIGKILL"));
    EXPECT_THAT(console, HasSubstr("kill: -2: no such group"));
}

TEST(Processes, AreNamedByTheShellsCommands)
{
    const std::string console = console_of({"kill", "kill 1", "kill 77", "run spinner &", "kill 2 FOO", "kill 2 65",
                                            "kill 2 CHLD", "kill 2 SIGKILL", "help"});
    EXPECT_THAT(console, HasSubstr("kill: which process? kill PID [SIGNAL], kill -GROUP [SIGNAL]"));
    EXPECT_THAT(console, HasSubstr("kill: 1: the shell itself"));
    EXPECT_THAT(console, HasSubstr("kill: 77: no such process"));
    EXPECT_THAT(console, HasSubstr("kill: FOO: no such signal"));
    EXPECT_THAT(console, HasSubstr("kill: 65: no such signal"));
    EXPECT_THAT(console, HasSubstr("[vessel 2 spinner] killed by SIGKILL"));
}

TEST(Processes, FindNoMemoryWhenTheShellSaysSo)
{
    const std::string console =
        console_of({"slots", "fail-frame 3", "run hello", "fail-frame 0", "fail-frame 2 1000000", "run hello",
                    "fail-frame 0", "run hello", "slots", "fail-frame", "fail-frame 1 x"});
    EXPECT_THAT(console, HasSubstr("hello: not enough memory (ENOMEM)\r\neldarin> fail-frame 0\r\n"
                                   "1 allocations have failed"));
    EXPECT_THAT(console, HasSubstr("hello] exited with status 0"));
    EXPECT_THAT(console, HasSubstr("fail-frame: which allocation? fail-frame N [COUNT]"));
    const std::vector<std::string> processes = lines_with(console, "processes");
    ASSERT_EQ(processes.size(), 2u) << console;
    EXPECT_THAT(processes[0], HasSubstr("1 of   512"));
    EXPECT_EQ(processes[0], processes[1]);
}

/// Two that only compute: both are found out, both are held lower for a while, and both go on.
TEST(Processes, ThatOnlyTakeArePenalisedAndDoNotStarve)
{
    const std::string console =
        console_of({"run spinner &", "run spinner &", "run nap", "ps", "kill 2", "kill 3", "run hello"});
    for (const char* const id : {"2", "3"}) {
        std::istringstream row(row_of(console, id));
        std::string number, parent, threads, nice, state;
        unsigned ticks = 0;
        row >> number >> parent >> threads >> nice >> state >> ticks;
        EXPECT_EQ(nice, "0+5") << console;
        EXPECT_GE(ticks, 70u) << console;
    }
}

TEST(Processes, ThatSleepCostNoTimeAndAreNoParasites)
{
    const std::string console = console_of({"run nap &", "run nap", "ps"});
    EXPECT_THAT(console, Not(HasSubstr("0+5")));
}

} // namespace
} // namespace support
