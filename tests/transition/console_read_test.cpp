// SPDX-License-Identifier: MIT
// Property: read(2) of the console gives a program of the foreground one typed line after the other, and gives nothing
// to others; whoever waits for a line can be ended.  What is typed ahead is shown when the program has the terminal.
#include "transition/user_code.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace support {
namespace {

using testing::HasSubstr;
using testing::Not;

/// The console after all of `lines`, without its carriage returns; of a line that holds one, what follows it is typed
/// ahead.  Each line ends with Enter: behind an end of input, that is an empty line for the shell.
std::string console_after(std::vector<std::string> lines)
{
    lines.push_back("slots");
    lines.push_back("poweroff");
    BootedKernel kernel(std::move(lines));
    kernel.run_to_end();
    std::string text = kernel.machine->console();
    std::erase(text, '\r');
    return text;
}

TEST(ConsoleRead, GivesLinesAsTheyWereEdited)
{
    const std::string console = console_after({"run cat\rnever\x15one two\x7f\x7f\rthree\r\x04"});
    EXPECT_THAT(console, HasSubstr("never\b \b\b \b\b \b\b \b\b \bone two\b \b\b \b\nthree\n\none t\nthree\n"));
    EXPECT_THAT(console, HasSubstr("[vessel 2 cat] exited with status 0"));
    EXPECT_THAT(console, HasSubstr("files          0 of"));
}

TEST(ConsoleRead, EndsAtTheEndOfInput)
{
    const std::string console = console_after({"run cat\r\x04", "run cat\rx\x04\x04"});
    EXPECT_THAT(console, HasSubstr("run cat\n\n[vessel 2 cat] exited with status 0"));
    EXPECT_THAT(console, HasSubstr("\nx[vessel 3 cat] exited with status 0"));
}

TEST(ConsoleRead, IsNotForTheBackground)
{
    const std::string console = console_after({"run cat &", "run nap", "mem"});
    EXPECT_THAT(console, HasSubstr("[vessel 2 cat] exited with status 1")) << "EIO";
}

TEST(ConsoleRead, EndsWithAnInterrupt)
{
    const std::string console = console_after({"run cat\rhalf a line\x03", "run cat\rwhole\r\x04"});
    EXPECT_THAT(console, HasSubstr("[vessel 2 cat] killed by SIGINT"));
    EXPECT_THAT(console, HasSubstr("\nwhole\n[vessel 3 cat] exited with status 0"));
    EXPECT_THAT(console, Not(HasSubstr("half a linewhole")));
    EXPECT_THAT(console, HasSubstr("files          0 of"));
}

/// read(0, a place on the stack, 1), then exit(0)
const std::vector<std::uint8_t> kReadOneByte = {0x31, 0xc0,                   // xor %eax, %eax
                                                0x31, 0xff,                   // xor %edi, %edi
                                                0x48, 0x89, 0xe6,             // mov %rsp, %rsi
                                                0xba, 0x01, 0x00, 0x00, 0x00, // mov $1, %edx
                                                0x0f, 0x05,                   // syscall
                                                0xb8, 0x3c, 0x00, 0x00, 0x00, // mov $60, %eax
                                                0x31, 0xff,                   // xor %edi, %edi
                                                0x0f, 0x05};                  // syscall

TEST(ConsoleRead, GivesNobodyWhatAnotherProgramLeft)
{
    UserCode kernel(kReadOneByte, machine_from_environment(), "",
                    {"run hello\rleft", "run cat\rown\r\x04", "poweroff"});
    kernel.run_to_end();
    std::string console = kernel.machine->console();
    std::erase(console, '\r');
    EXPECT_THAT(console, HasSubstr("left\n[vessel 2 hello] exited with status 0"));
    EXPECT_THAT(console, HasSubstr("run cat\nown\n\nown\n[vessel 3 cat] exited with status 0"));
}

TEST(FileCalls, DoWhatTheManualSays)
{
    const std::string console = console_after({"run files"});
    EXPECT_THAT(console, HasSubstr("every file was as it should be"));
    EXPECT_THAT(console, HasSubstr("killed by SIGBUS (BUS_ADRERR, address 0x"));
    EXPECT_THAT(console, HasSubstr("[vessel 2 files] exited with status 0"));
    EXPECT_THAT(console, HasSubstr("processes      1 of"));
    EXPECT_THAT(console, HasSubstr("files          0 of"));
}

} // namespace
} // namespace support
