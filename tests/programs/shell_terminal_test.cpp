// SPDX-License-Identifier: MIT
// The shell at a pseudo-terminal: typing, the history, completion, and job control.
#include "programs/terminal.h"
#include "support/temporary_folder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <sys/wait.h>

namespace {

using support::TemporaryFolder;
using testing::HasSubstr;

const std::string kUp = "\x1b[A", kDown = "\x1b[B", kLeft = "\x1b[D", kHome = "\x1b[H", kBackspace = "\x7f";
std::string control(char letter)
{
    return {static_cast<char>(letter & 0x1f)};
}

class ShellAtATerminal : public testing::Test {
protected:
    ShellAtATerminal()
        : shell{
              {AETHEL_SHELL}, folder.path(), 40, 100, {"PATH=/usr/bin:/bin", "PS1=$? > ", "HISTFILE=history", "HOME=/"}}
    {
        EXPECT_TRUE(shell.shows("0 >"));
    }

    /// Types at the prompt: before it comes, the terminal's line discipline would take the keys.
    void type(const std::string& keys)
    {
        EXPECT_TRUE(shell.shows_at_cursor(">"));
        shell.type(keys);
    }
    /// Types a line and waits for `output`, which the line itself does not hold.
    bool gives(const std::string& line, const std::string& output)
    {
        type(line + "\r");
        return shell.shows(output);
    }
    int leave()
    {
        type("exit\r");
        return shell.wait();
    }

    TemporaryFolder folder;
    TerminalProgram shell;
};

TEST_F(ShellAtATerminal, RunsLinesAndShowsTheStatus)
{
    EXPECT_TRUE(gives("echo $((6*7))", "\n42\n"));
    EXPECT_TRUE(gives("false", "1 >"));
    EXPECT_TRUE(gives("for i in 1 2", "\n>\n"));
    EXPECT_TRUE(gives("do echo item$i; done", "item2"));
    EXPECT_TRUE(gives("fi", "syntax error: fi is unexpected"));
    EXPECT_TRUE(gives("echo st''ill", "still"));
    EXPECT_TRUE(gives("cat <<E", "\n>\n"));
    type("ab\r");
    EXPECT_TRUE(shell.shows("> ab\n>\n"));
    EXPECT_TRUE(gives("E", "\nab\n"));
    EXPECT_EQ(leave(), 0);
}

TEST_F(ShellAtATerminal, EditsTheLine)
{
    EXPECT_TRUE(gives("echo wrld" + kLeft + kLeft + kLeft + "o", "\nworld\n"));
    EXPECT_TRUE(gives("cho a''b" + kHome + "e", "\nab\n"));
    EXPECT_TRUE(gives("nonsense" + control('u') + "echo c''d", "\ncd\n"));
    EXPECT_TRUE(gives("echo e''f junk" + control('w'), "\nef\n"));
    EXPECT_TRUE(gives("echo g''h junk" + control('a') + std::string(9, '\x06') + control('k'), "\ngh\n"));
    EXPECT_TRUE(gives("echo " + control('u') + control('y') + "i''jX" + kBackspace, "\nij\n"));
    EXPECT_TRUE(gives("echo \xc3\xa4\xe2\x82\xac" + kBackspace + "''k", "\n\xc3\xa4k\n"));
    EXPECT_TRUE(gives("echo " + std::string(300, 'x') + " | wc -c", "\n301\n"));
    EXPECT_EQ(shell.screen().unknown(), "");
}

TEST_F(ShellAtATerminal, RemembersLines)
{
    EXPECT_TRUE(gives("echo on''e", "\none\n"));
    EXPECT_TRUE(gives("echo tw''o", "\ntwo\n"));
    EXPECT_TRUE(gives("clear_nothing 2>&-" + control('u') + kUp + kUp + " ag''ain", "\none again\n"));
    EXPECT_TRUE(gives("new" + kUp + kDown + control('u') + "echo thr''ee", "\nthree\n"));
    EXPECT_TRUE(gives("echo for''get", "\nforget\n"));
    EXPECT_TRUE(gives(control('r') + "tw" + control('e') + " fou''nd", "\ntwo found\n"));
    EXPECT_TRUE(gives("history | grep -c 'echo o[n]'", "\n2\n"));
    EXPECT_EQ(leave(), 0);
    EXPECT_THAT(folder.read("history"), HasSubstr("echo on''e\necho tw''o\necho on''e ag''ain\n"));
}

TEST_F(ShellAtATerminal, Completes)
{
    folder.write("some file", "found\n");
    folder.write("other1", "");
    folder.write("other2", "");
    EXPECT_TRUE(gives("cat so\t", "\nfound\n"));
    EXPECT_TRUE(gives("hist\t| wc -l | sed 's/^/count /'", "\ncount 2\n"));
    type("echo oth\t\t\t");
    EXPECT_TRUE(shell.shows("other1  other2"));
    shell.type(control('u') + "echo don''e\r");
    EXPECT_TRUE(shell.shows("\ndone\n"));
}

TEST_F(ShellAtATerminal, LeavesALineOrACommandByControlC)
{
    type("echo never" + control('c'));
    EXPECT_TRUE(shell.shows("130 >"));
    type("sleep 100\r");
    shell.settle();
    shell.type(control('c'));
    EXPECT_TRUE(gives("echo statu''s $?", "status 130"));
    type("while :; do :; done\r");
    shell.settle();
    shell.type(control('c'));
    EXPECT_TRUE(gives("echo afte''r", "\nafter\n"));
    type("for i in 1 2 3; do sleep 100; echo nev''er; done\r");
    shell.settle();
    shell.type(control('c'));
    EXPECT_TRUE(gives("echo las''t", "\nlast\n"));
    EXPECT_EQ(shell.screen().text().find("\nnever\n"), std::string::npos);
    type("if true\r");
    EXPECT_TRUE(shell.shows("if true\n>\n"));
    type(control('c'));
    EXPECT_TRUE(gives("echo en''d", "\nend\n"));
}

TEST_F(ShellAtATerminal, StopsAndContinuesJobs)
{
    type("sleep 100\r");
    shell.settle();
    shell.type(control('z'));
    ASSERT_TRUE(shell.shows("[1]+  Stopped"));
    EXPECT_TRUE(gives("bg", "[1] sleep 100"));
    EXPECT_TRUE(gives("jobs", "[1]+  Running"));
    EXPECT_TRUE(gives("fg | cat; fg %1", "\nsleep 100\n"));
    shell.settle();
    shell.type(control('z'));
    EXPECT_TRUE(gives("echo stoppe''d $?", "stopped 148"));
    EXPECT_TRUE(gives("jobs >known; echo $(cat known | wc -l) kno''wn", "\n1 known\n"));
    EXPECT_TRUE(gives("kill %1; fg", "\nsleep 100\n"));
    EXPECT_TRUE(gives("jobs >known; echo $(cat known | wc -l) kno''wn", "\n0 known\n"));
}

/// What the shell waits for in its own group is not stopped without it.  A shell in a shell: nothing stops in a group
/// that has no parent in its session.  [POSIX "Orphaned Process Group"]
TEST_F(ShellAtATerminal, StopsNoCommandSubstitution)
{
    EXPECT_TRUE(gives(AETHEL_SHELL, AETHEL_SHELL "\n0 >"));
    type("x=$(sleep 100)\r");
    shell.settle();
    shell.type(control('z'));
    shell.settle();
    shell.type(control('c'));
    EXPECT_TRUE(gives("echo o''n", "\non\n"));
    type("x=$(sleep 100 | cat)\r");
    shell.settle();
    shell.type(control('z'));
    shell.settle();
    shell.type(control('c'));
    EXPECT_TRUE(gives("echo agai''n", "\nagain\n"));
    // A program that takes the shell's place may be stopped.
    type("exec sleep 100\r");
    shell.settle();
    shell.type(control('z'));
    EXPECT_TRUE(shell.shows("[1]+  Stopped"));
}

TEST_F(ShellAtATerminal, TellsOfJobsInTheBackground)
{
    EXPECT_TRUE(gives("(exit 3) &", "[1] "));
    EXPECT_TRUE(gives("sleep 0.2; echo slep''t", "slept"));
    EXPECT_TRUE(shell.shows("[1]+  Done(3)"));
    EXPECT_TRUE(gives("sleep 100 | sleep 100 &", "[1] "));
    EXPECT_TRUE(gives("kill %1; wait; echo waite''d", "waited"));
    type("cat\r");
    shell.settle();
    shell.type(control('z'));
    EXPECT_TRUE(gives("exit", "There are stopped jobs."));
    EXPECT_EQ(leave(), 148 << 8);
}

TEST_F(ShellAtATerminal, StopsABackgroundReader)
{
    EXPECT_TRUE(gives("cat &", "[1] "));
    shell.settle();
    EXPECT_TRUE(gives("sleep 0.1; jobs", "[1]+  Stopped"));
    EXPECT_TRUE(gives("kill -9 %1; sleep 0.1; echo o''k", "ok"));
}

TEST_F(ShellAtATerminal, GivesPipelinesTheTerminal)
{
    type("cat | sed 's/^/got /'\r");
    shell.settle();
    shell.type("line\r" + control('d'));
    EXPECT_TRUE(shell.shows("got line"));
    type("sleep 100 | sleep 100\r");
    shell.settle();
    shell.type(control('c'));
    EXPECT_TRUE(gives("echo o''n", "\non\n"));
    type("read x; echo \"[$x]\"\r");
    shell.settle();
    shell.type("typed\r");
    EXPECT_TRUE(shell.shows("[typed]"));
}

TEST_F(ShellAtATerminal, HangsUpItsJobs)
{
    EXPECT_TRUE(gives("(trap 'echo hup >told; exit' HUP; while :; do sleep 0.1; done) & echo bg''run", "bgrun"));
    shell.settle();
    shell.hang_up();
    EXPECT_NE(shell.wait(), -1);
    for (int i = 0; i < 100 && folder.read("told") == "(none)"; ++i) {
        usleep(100'000);
    }
    EXPECT_EQ(folder.read("told"), "hup\n");
    EXPECT_THAT(folder.read("history"), HasSubstr("bg''run"));
}

TEST_F(ShellAtATerminal, EndsAtTheEndOfInput)
{
    EXPECT_TRUE(gives("(exit 5)", "5 >"));
    shell.type(control('d'));
    EXPECT_EQ(shell.wait(), 5 << 8);
}

TEST(CalculatorAtATerminal, AnswersAndPointsAtMistakes)
{
    const TemporaryFolder folder;
    TerminalProgram calculator{{AETHEL_CALCULATOR}, folder.path()};
    ASSERT_TRUE(calculator.shows(">"));
    calculator.type("x = 6\r");
    ASSERT_TRUE(calculator.shows("\n6\n"));
    calculator.type("x * 7\r");
    ASSERT_TRUE(calculator.shows("\n42\n"));
    calculator.type("1 + * 2\r");
    ASSERT_TRUE(calculator.shows("> 1 + * 2\n      ^ a value is expected here\n"));
    calculator.type("help\r");
    ASSERT_TRUE(calculator.shows("sqrt(x)"));
    calculator.type(control('d'));
    EXPECT_EQ(calculator.wait(), 1 << 8);
}

} // namespace
