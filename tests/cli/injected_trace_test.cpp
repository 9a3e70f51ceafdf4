// SPDX-License-Identifier: MIT
// Injected traces: what they can ask for, what they say when something is not as they have it, and what stops them.
#include "cli/program.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <string>

namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

/// Replays an injected trace of these lines, the first of them line 3.
class InjectedTrace : public testing::Test {
protected:
    cli_test::Ran replay(const std::string& lines, const std::string& options = "")
    {
        std::ofstream(file_) << "# ringcheck trace 1\ninjected hello\n" << lines;
        return cli_test::ringcheck("replay $KERNEL " + file_ + " " + options);
    }
    /// The error, from its line number on.
    std::string error(const std::string& lines)
    {
        const cli_test::Ran ran = replay(lines + "syscall exit(0)\nexit status 0\n");
        EXPECT_EQ(ran.status, 1) << ran.out << ran.err;
        EXPECT_THAT(ran.err, StartsWith(file_ + ":"));
        return ran.err.substr(std::min(ran.err.size(), file_.size() + 1));
    }

    support::TemporaryFolder folder_;
    const std::string file_ = folder_.path("t.trace");
};

TEST_F(InjectedTrace, MakesCallsThatNoProgramMakes)
{
    const cli_test::Ran ran = replay("memory out page_end 16\n"
                                     "syscall write(1, \"inline\\n\", 7) = 7\n"
                                     "syscall write(1, KERNEL_BASE, 8) = -1 EFAULT\n"
                                     "syscall write(1, main, 1) = 1\n"
                                     "syscall arch_prctl(ARCH_SET_FS, syscall_entry) = -1 EPERM\n"
                                     "syscall arch_prctl(ARCH_SET_FS, main+0x1) = 0\n"
                                     "syscall clock_getres(CLOCK_MONOTONIC, out) = 0\n"
                                     "holds out {tv_sec=0, tv_nsec=1000000}\n"
                                     "syscall fork() = PID+0x1\n"
                                     "syscall wait4(-1, NULL, 0, NULL) = PID+0x1\n"
                                     "syscall exit(3)\n"
                                     "exit status 3\n");
    EXPECT_EQ(ran.status, 0) << ran.err;
    EXPECT_THAT(ran.out, HasSubstr("pass"));
}

TEST_F(InjectedTrace, PointsAtAnotherResult)
{
    EXPECT_EQ(error("syscall getppid() = 1\nsyscall write(99, \"x\", 1) = 1\n"),
              "4: error: syscall differs from the recording\n"
              "  after     syscall  getppid() = 1\n"
              "  expected  write(99, \"x\", 1) = 1\n"
              "  actual    write(99, \"x\", 1) = -1 EBADF\n"
              "                                ^ result\n"
              "  then      syscall  exit(0)\n"
              "  then      exit     status 0\n"
              "note: to accept the new behaviour: ringcheck replay --update " AETHEL_DEFAULT_KERNEL " " +
                  file_ + "\n");
}

TEST_F(InjectedTrace, PointsAtAByteAndAtAField)
{
    EXPECT_THAT(error("memory m valid {sched_priority=7}\nholds m \"\\x07\\x00\\x01\\x00\"\n"),
                StartsWith("4: error: holds differs from the recording\n"
                           "  after     memory   m valid {sched_priority=7}\n"
                           "  expected  m \"\\x07\\x00\\x01\\x00\"\n"
                           "  actual    m \"\\x07\\x00\\x00\\x00\"\n"
                           "                       ^ byte 2\n"));
    EXPECT_THAT(error("memory m valid 16\nsyscall clock_getres(1, m) = 0\nholds m {tv_sec=0, tv_nsec=1}\n"),
                HasSubstr("  actual    m {tv_sec=0, tv_nsec=1000000}\n"
                          "                                 ^ tv_nsec\n"));
}

TEST_F(InjectedTrace, TellsOfMemoryThatChangedAndOfWhichNothingIsSaid)
{
    EXPECT_THAT(error("memory m valid 8\nsyscall time(m) = 0\nsyscall getppid() = 1\n"),
                StartsWith("5: error: holds where the recording has syscall\n"
                           "  after     memory   m valid 8\n"
                           "  after     syscall  time(m) = 0\n"
                           "  expected  syscall  getppid() = 1\n"
                           "  actual    holds    m \"\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\"\n"));
}

TEST_F(InjectedTrace, TellsOfBytesBesideTheMemory)
{
    EXPECT_THAT(error("memory m valid 8\nsyscall getrandom(m, 9, 0) = 9\nholds m *\n"),
                StartsWith("4: error: the call wrote where it was not asked to\n"
                           "  expected  syscall  getrandom(m, 9, 0) = 9\n"
                           "  actual    byte 8 of 'm' changed, which is outside of it\n"));
    EXPECT_THAT(error("memory m across 8\nsyscall getrandom(m-0x1, 1, 0) = 1\n"),
                HasSubstr("byte -1 of 'm' changed, which is outside of it\n"));
    EXPECT_THAT(error("syscall getrandom(\"abcd\", 4, 0) = 4\n"), HasSubstr("which the kernel was to read\n"));
}

TEST_F(InjectedTrace, SaysWhichArgumentCannotBeGiven)
{
    const auto cannot = [this](const std::string& call) {
        const std::string text = error("syscall " + call + "\n");
        EXPECT_THAT(text, StartsWith("3: error: the call cannot be made\n"));
        const std::string_view actual = "  actual    ";
        const std::size_t begin = text.find(actual) + actual.size();
        return text.substr(begin, text.find('\n', begin) - begin);
    };
    EXPECT_EQ(cannot("write(1, nothing, 1) = 1"), "argument 2: nothing is named 'nothing'");
    EXPECT_EQ(cannot("write(1, $later, 1) = 1"), "argument 2: no result before this line is named '$later'");
    EXPECT_EQ(cannot("write(*, NULL, 1) = 1"), "argument 1: '*' says nothing of what is to be given to the kernel");
    EXPECT_EQ(cannot("write(1, NULL, PROT_READ|NOTHING) = 1"), "argument 3: there is no constant 'NOTHING'");
    EXPECT_EQ(cannot("write(1, PROGRAM_BASE, 1) = 1"), "argument 2: this process has no PROGRAM_BASE");
    EXPECT_EQ(cannot("nanosleep({tv_nsec=0, tv_sec=0}, NULL) = 0"),
              "argument 1: no structure has these fields, all of them and in this order");
    EXPECT_EQ(cannot("nanosleep({tv_sec=*, tv_nsec=0}, NULL) = 0"),
              "argument 1: '*' says nothing of what is to be given to the kernel");
    EXPECT_EQ(cannot("write(1, \"" + std::string(256, 'x') + "\"..., 300) = 1"),
              "argument 2: a string that ends in '...' does not say all that is to be given to the kernel");
    EXPECT_EQ(cannot("socket(1) = 1"), "the guest's description has no call 'socket'");
    EXPECT_EQ(cannot("syscall_1x(1) = 1"), "the guest's description has no call 'syscall_1x'");
    EXPECT_EQ(cannot("write(1, 2, 3, 4, 5, 6, 7) = 1"), "a call of this guest has at most 6 arguments");
}

TEST_F(InjectedTrace, SaysWhyMemoryIsNotThere)
{
    EXPECT_THAT(error("memory KERNEL_BASE valid 8\n"), HasSubstr("'KERNEL_BASE' is the name of something else\n"));
    EXPECT_THAT(error("memory SIGKILL valid 8\n"), HasSubstr("'SIGKILL' is the name of something else\n"));
    EXPECT_THAT(error("memory PID valid 8\n"), HasSubstr("'PID' is the name of something else\n"));
    EXPECT_THAT(error("memory m valid {st_mode=1}\n"), HasSubstr("no structure has these fields"));
    EXPECT_THAT(error("memory m valid {pointer=nothing}\n"), HasSubstr("nothing is named 'nothing'\n"));
    EXPECT_THAT(error("memory m valid 8\nholds m {tv_sec=0, tv_nsec=0}\n"),
                StartsWith("4: error: the memory cannot be looked at\n"
                           "  expected  holds    m {tv_sec=0, tv_nsec=0}\n"
                           "  actual    a timespec has 16 bytes, 'm' has 8\n"));
    EXPECT_THAT(error("memory m valid 8\nholds m {st_mode=0}\n"), HasSubstr("no structure has these fields"));
    EXPECT_THAT(error("memory m unmapped 8\nholds m *\n"), HasSubstr("the process ended when it touched the memory\n"));
}

TEST_F(InjectedTrace, DoesNotWaitForACallThatNeverReturns)
{
    EXPECT_THAT(error("memory m valid {int=1}\nsyscall futex(m, FUTEX_WAIT, 1, NULL, NULL, 0) = 0\n"),
                StartsWith("4: error: the call did not return"));
    const cli_test::Ran idle = replay("memory m valid {int=1}\nsyscall futex(m, 0, 1, NULL, NULL, 0) = 0\n"
                                      "syscall exit(0)\nexit status 0\n");
    EXPECT_THAT(idle.err, HasSubstr("ringcheck: error: halted for good: "));
    EXPECT_THAT(idle.err, HasSubstr("last transitions\n"));
    EXPECT_THAT(idle.err, Not(HasSubstr("to accept the new behaviour")));
    EXPECT_THAT(error("syscall vfork() = $child\nsyscall futex(\"\\x01\\x00\\x00\\x00\", 0, 1, NULL, NULL, 0) = 0\n"),
                StartsWith("4: error: the call did not return"));
}

TEST_F(InjectedTrace, EndsWithItsProcess)
{
    EXPECT_THAT(error("syscall exit(0)\nsyscall getpid() = PID\n"),
                StartsWith("4: error: exit where the recording has syscall\n"));
    const cli_test::Ran open = replay("syscall getpid() = PID\nexit status 0\n");
    EXPECT_EQ(open.status, 1);
    EXPECT_THAT(open.err, HasSubstr(":4: error: exit did not happen\n"));
    EXPECT_THAT(open.err, HasSubstr("  actual    the process waited for the next call\n"));
    const cli_test::Ran killed = replay("syscall kill(PID, SIGKILL) = ?\nexit killed by SIGKILL\n");
    EXPECT_EQ(killed.status, 0) << killed.err;
    const cli_test::Ran faulted = replay("syscall munmap(0x400000, 0x10000) = ?\nfault *\nexit killed by SIGSEGV\n");
    EXPECT_EQ(faulted.status, 1);
    EXPECT_THAT(faulted.err, HasSubstr(":3: error: "));
}

TEST_F(InjectedTrace, GoesThroughCheckAndJsonAndStrictRules)
{
    const std::string lines = "syscall write(1, NON_CANONICAL, 1) = -1 EFAULT\nsyscall exit(0)\nexit status 0\n";
    // The kernel tries to store into a page of zeros that its image has and the program sees; the tables refuse it.
    const cli_test::Ran strict =
        replay("syscall mmap(NULL, 4096, PROT_READ, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0) = $page\n"
               "syscall write(1, $page, 1) = 1\n"
               "syscall getrandom($page, 1, 0) = -1 EFAULT\n" +
                   lines,
               "--strict");
    EXPECT_EQ(strict.status, 0) << strict.err;
    const cli_test::Ran json = replay(lines, "--json");
    EXPECT_EQ(json.status, 0);
    EXPECT_THAT(json.out, HasSubstr("\"program\":\"hello\""));
    const cli_test::Ran check = cli_test::ringcheck("check $KERNEL " + file_);
    EXPECT_EQ(check.status, 0) << check.out;
    const cli_test::Ran compared = cli_test::ringcheck("compare $KERNEL --log " + file_ + " " + file_);
    EXPECT_EQ(compared.status, 2);
}

TEST_F(InjectedTrace, IsUpdatedOnRequestOnly)
{
    const std::string lines = "# why\nsyscall  write( *, \"x\", 1) = 5\nsyscall  exit(0)\nexit     status 1\n";
    const std::string head = "# ringcheck trace 1\ninjected hello\n";
    EXPECT_EQ(replay("# why\nsyscall  getppid()  =  9\nsyscall  exit(0)\nexit status 1\n").status, 1);
    EXPECT_EQ(cli_test::read_file(file_), head + "# why\nsyscall  getppid()  =  9\nsyscall  exit(0)\nexit status 1\n");
    const cli_test::Ran updated = cli_test::ringcheck("replay --update $KERNEL " + file_);
    EXPECT_EQ(updated.status, 0) << updated.err;
    EXPECT_EQ(updated.out, file_ + "  2 lines changed\n" + file_ +
                               ":4:\n  - syscall  getppid() = 9\n  + syscall  getppid() = 1\n" + file_ +
                               ":6:\n  - exit     status 1\n  + exit     status 0\n");
    EXPECT_EQ(cli_test::read_file(file_),
              head + "# why\nsyscall  getppid() = 1\nsyscall  exit(0)\nexit     status 0\n");
    EXPECT_EQ(cli_test::ringcheck("replay --update $KERNEL " + file_).out, file_ + "  holds as it is\n");
    // What could not be followed to its end is left as it is.
    const cli_test::Ran stuck = replay(lines, "--update");
    EXPECT_EQ(stuck.status, 1);
    EXPECT_THAT(stuck.err, HasSubstr("note: " + file_ + " was not written\n"));
    EXPECT_EQ(cli_test::read_file(file_), head + lines);
    EXPECT_EQ(replay(lines, "--update --json").status, 2);
}

TEST(ProgramTrace, IsUpdatedOnRequestOnly)
{
    const support::TemporaryFolder folder;
    const std::string file = folder.path("t.trace");
    std::string text = cli_test::read_file(AETHEL_TRACES "/hello.trace");
    const std::string written = text;
    text.replace(text.find("= 32"), 4, "= 33");
    std::ofstream(file) << text;
    const cli_test::Ran updated = cli_test::ringcheck("replay --update $KERNEL " + file);
    EXPECT_EQ(updated.status, 0) << updated.err;
    EXPECT_THAT(updated.out, StartsWith(file + "  1 lines changed\n"));
    EXPECT_EQ(cli_test::read_file(file), written);
}

TEST(ProgramTrace, HasArguments)
{
    const support::TemporaryFolder folder;
    const std::string file = folder.path("t.trace");
    const cli_test::Ran recorded =
        cli_test::ringcheck("record $KERNEL --program nap --argument 3 --argument x -o " + file);
    EXPECT_EQ(recorded.status, 0) << recorded.err;
    EXPECT_THAT(cli_test::read_file(file), HasSubstr("\nprogram nap \"3\" \"x\"\n"));
    EXPECT_EQ(cli_test::ringcheck("replay $KERNEL " + file).status, 0);
}

TEST(ProgramTrace, RefusesArgumentsThatTheShellCannotCarry)
{
    const support::TemporaryFolder folder;
    const std::string file = folder.path("t.trace");
    const auto refused = [&file](const std::string& arguments) {
        std::ofstream(file) << "# ringcheck trace 1\n\nprogram hello " + arguments +
                                   "\nenter _start\nsyscall exit(0)\nexit status 0\n";
        const cli_test::Ran ran = cli_test::ringcheck("replay $KERNEL " + file);
        EXPECT_EQ(ran.status, 2) << ran.out;
        EXPECT_THAT(ran.err, HasSubstr(file + ":3: error: ")) << arguments;
        return ran.err;
    };
    for (const char* const argument : {"\"\"", "\"a b\"", "\"a\\n\"", "\"\\xc3\\xa9\"", "\"&\""}) {
        EXPECT_THAT(refused(std::string("\"1\" ") + argument), HasSubstr("argument 2 cannot be typed at a prompt"));
    }
    std::string many;
    for (unsigned i = 0; i < 16; ++i) {
        many += "\"1\" ";
    }
    EXPECT_THAT(refused(many), HasSubstr("16 arguments: the guest's shell takes 15 at most"));
    EXPECT_THAT(refused("\"" + std::string(246, 'x') + "\""),
                HasSubstr("the line that runs the program has 256 characters: the guest's shell takes 255 at most"));
    const cli_test::Ran recorded = cli_test::ringcheck("record $KERNEL --program hello --argument '' -o " + file);
    EXPECT_EQ(recorded.status, 2);
    EXPECT_THAT(recorded.err, HasSubstr("argument 1 cannot be typed"));
}

} // namespace
