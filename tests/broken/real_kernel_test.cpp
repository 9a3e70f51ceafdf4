// SPDX-License-Identifier: MIT
// Property: what hostile programs do to AethelOS is explained as the program's doing, with its own source line, and the
// kernel ends the run well.
#include "broken/ringcheck_program.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace {

using support::ringcheck;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

TEST(AethelosExplanation, BlamesTheProgramThatReadsTheKernel)
{
    const auto explained = ringcheck("explain " AETHELOS " --program read_kernel");
    EXPECT_EQ(explained.status, 0);
    EXPECT_THAT(explained.output,
                AllOf(HasSubstr("read_kernel:main+"), HasSubstr("userprogs/hostile/read_kernel/main.cpp:"),
                      HasSubstr("rule      page-supervisor-only: "), HasSubstr("PML4[256]"), HasSubstr("[U=0]"),
                      HasSubstr("likely    the program touched the kernel's memory; that it cannot is as it should be"),
                      HasSubstr("then      the handler of #PF: ")));
}

TEST(AethelosExplanation, BlamesTheProgramThatExecutesAPrivilegedInstruction)
{
    const auto explained = ringcheck("explain " AETHELOS " --program execute_cli");
    EXPECT_EQ(explained.status, 0);
    EXPECT_THAT(explained.output,
                AllOf(HasSubstr("execute_cli:main+"), HasSubstr("userprogs/hostile/execute_cli/main.cpp:"),
                      HasSubstr("code      cli\n"), HasSubstr("rule      instruction-iopl: "), HasSubstr("[IOPL=0]"),
                      HasSubstr("likely    the program executed cli, which ring 3 may with IOPL 3"),
                      HasSubstr("then      the handler of #GP: ")));
}

TEST(AethelosExplanation, IsNoPartOfARunThatEndsWell)
{
    for (const std::string program : {"read_kernel", "execute_cli"}) {
        const auto run = ringcheck("run " AETHELOS " --program " + program + " 2>&1");
        EXPECT_EQ(run.status, 0) << program;
        EXPECT_THAT(run.output, AllOf(HasSubstr("exception"), HasSubstr("end: powered off"), Not(HasSubstr("likely"))));
    }
}

TEST(AethelosExplanation, IsNoPartOfAHangLongAfterTheProgramsEnd)
{
    const auto run = ringcheck("run " AETHELOS " --type 'run read_kernel' --limit 3000000 2>&1");
    EXPECT_EQ(run.status, 1);
    EXPECT_THAT(run.output, AllOf(HasSubstr("waits     for a line at its prompt"), Not(HasSubstr("likely"))));
}

} // namespace
