// SPDX-License-Identifier: MIT
// The programs on AethelOS in QEMU, as a person at its console uses them: `aethel boot --shell` at a pseudo-terminal.
#include "programs/terminal.h"
#include "support/temporary_folder.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <string>

namespace {

class AethelosInQemu : public testing::Test {
protected:
    void SetUp() override
    {
        const char* const qemu = std::getenv("AETHEL_QEMU");
        const std::string command =
            "command -v " + std::string{qemu == nullptr ? "qemu-system-x86_64" : qemu} + " >/dev/null";
        if (std::system(command.c_str()) != 0) {
            GTEST_SKIP() << "THERE IS NO QEMU HERE, NOTHING WAS BOOTED";
        }
    }

    /// A line at the prompt.
    static void type(TerminalProgram& machine, const std::string& line)
    {
        EXPECT_TRUE(machine.shows_at_cursor(" >")) << machine.screen().text();
        machine.type(line + "\r");
    }

    support::TemporaryFolder folder;
};

TEST_F(AethelosInQemu, HasAShellACalculatorAndAnEditor)
{
    const char* const path = std::getenv("PATH");
    TerminalProgram machine{
        {AETHEL_DRIVER, "boot", "--shell"},
        folder.path(),
        24,
        80,
        {"AETHEL_BUILD_DIR=" AETHEL_BUILD, "PATH=" + std::string{path == nullptr ? "/usr/bin:/bin" : path}}};
    ASSERT_TRUE(machine.shows("/ ")) << machine.screen().text();
    machine.settle();
    machine.type("PS1='$? >'\r");
    type(machine, "calculator 6*7 | cat");
    EXPECT_TRUE(machine.shows("\n42\n"));
    type(machine, "calculator 1/0");
    EXPECT_TRUE(machine.shows("division by zero\n1 >"));
    type(machine, "for i in one two; do echo $i; done >list; cat <list | cat");
    EXPECT_TRUE(machine.shows("\none\ntwo\n"));
    type(machine, "cat <<E >>list");
    machine.settle();
    machine.type("three $((1+2))\r");
    machine.settle();
    machine.type("E\r");
    machine.settle();
    type(machine, "echo etc/mo*; cat lis\t");
    EXPECT_TRUE(machine.shows("etc/motd\none\ntwo\nthree 3\n"));

    type(machine, "editor list");
    ASSERT_TRUE(machine.shows("line 1/4, column 1")) << machine.screen().text();
    EXPECT_EQ(machine.screen().row(2), "three 3");
    machine.type("\x1b[B\x1b[F and a half\x13");
    EXPECT_TRUE(machine.shows("Saved: 27 bytes."));
    machine.type("\x1a\x11");
    EXPECT_TRUE(machine.shows("Save them?"));
    machine.type("n");
    machine.settle();
    machine.type("\r");
    type(machine, "cat list | calculator 2>&1 | tail_nosuch; cat list");
    EXPECT_TRUE(machine.shows("tail_nosuch: not found")) << machine.screen().text();
    EXPECT_TRUE(machine.shows("\none\ntwo and a half\nthree 3\n")) << machine.screen().text();
    EXPECT_EQ(machine.screen().unknown(), "");
    type(machine, "poweroff");
    EXPECT_EQ(machine.wait(), 0);
}

} // namespace
