// SPDX-License-Identifier: MIT
// Property: with `run=PROGRAM` the machine runs that program and switches itself off; nobody types.
#include "support/booted_kernel.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace support {
namespace {

using testing::HasSubstr;
using testing::Not;

std::string console_with(const std::string& command_line)
{
    BootedKernel kernel({}, machine_from_environment(), command_line);
    const ringcheck::RunEnd end = kernel.run_to_end();
    EXPECT_EQ(end.kind, ringcheck::EndKind::PowerOff) << end.text;
    return kernel.machine->console();
}

TEST(RunOption, RunsOneProgramAndSwitchesOff)
{
    const std::string console = console_with("run=hello");
    EXPECT_THAT(console, HasSubstr("Hello from user space!"));
    EXPECT_THAT(console, Not(HasSubstr("eldarin>")));
}

TEST(RunOption, GivesItArguments)
{
    EXPECT_THAT(console_with("seed=3 run=cat,etc/motd,nothing"), HasSubstr("nothing: cannot be read"));
}

TEST(RunOption, GivesItAnEnvironment)
{
    const std::string console = console_with("run=HOME=/,x_1=a=b,env,NOT=THIS");
    EXPECT_THAT(console, HasSubstr("HOME=/\r\nx_1=a=b\r\n[vessel"));
    for (const char* no_assignment : {"run==x,env", "run=1x=y,env", "run=a-b=c,env"}) {
        EXPECT_THAT(console_with(no_assignment), HasSubstr("no such program")) << no_assignment;
    }
    EXPECT_THAT(console_with("run=A=1"), HasSubstr("run: which program?"));
}

TEST(RunOption, SwitchesOffWhenThereIsNoSuchProgram)
{
    EXPECT_THAT(console_with("run=nothing"), HasSubstr("nothing: no such program in the initrd (ENOENT)"));
    std::string many = "run=cat";
    for (int i = 0; i < 20; ++i) {
        many += ",x";
    }
    EXPECT_THAT(console_with(many), HasSubstr("run: too many arguments"));
}

} // namespace
} // namespace support
