// SPDX-License-Identifier: MIT
// Property: a kernel with one mistake dies of it, and the kernel without one does not.
#include "broken/ringcheck_program.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace {

using support::kernel;
using support::ringcheck;
using testing::HasSubstr;

TEST(BrokenKernel, WithoutAMistakeRunsToItsEnd)
{
    for (const char* const options : {"", " --step", " --cpu amd", " --step --cpu amd"}) {
        const auto run = ringcheck("run " + kernel("none") + options);
        EXPECT_EQ(run.status, 0) << options;
        EXPECT_THAT(run.output, HasSubstr("entering ring 3\nhello from ring 3\nbreakpoint 1\nstill there\n"));
        EXPECT_THAT(run.output, HasSubstr("no violation"));
    }
}

TEST(BrokenKernel, WithoutAMistakeHasNothingToExplain)
{
    const auto explained = ringcheck("explain " + kernel("none") + " 2>&1");
    EXPECT_EQ(explained.status, 1);
    EXPECT_THAT(explained.output, HasSubstr("there was no exception; the run ended: powered off"));
}

TEST(BrokenKernel, ThatGivesUpOnAProgramsFaultHasThatFaultInItsReport)
{
    const auto run = ringcheck("run " + kernel("program_reads_null") + " 2>&1 >/dev/null");
    EXPECT_EQ(run.status, 1);
    EXPECT_THAT(run.output, HasSubstr("error: halted for good"));
    EXPECT_THAT(run.output, HasSubstr("\n  at        0x40000004 user_start+0x4 in ring 3"));
    EXPECT_THAT(run.output, HasSubstr("  source    tests/broken/kernel/user.S:16\n"));
    EXPECT_THAT(run.output, HasSubstr("likely    a null pointer, or a null pointer plus the offset of a member\n"));
    EXPECT_THAT(run.output, HasSubstr("  then      the handler of #PF: page_fault_entry in ring 0"));
}

TEST(BrokenKernel, ThatEndsNoInterruptIsToldWhyTheTimerCameOnce)
{
    const auto run = ringcheck("run " + kernel("end_of_interrupt_missing") + " 2>&1 >/dev/null");
    EXPECT_EQ(run.status, 1);
    EXPECT_THAT(run.output, HasSubstr("rule interrupt-ended-once violated"));
    EXPECT_THAT(run.output, HasSubstr("\n  expected  1 end-of-interrupt command for vector 32\n"
                                      "  actual    0 when its handler returns\n"));
    EXPECT_THAT(run.output, HasSubstr("error: halted for good: "));
}

TEST(BrokenKernel, ThatFaultsOnItsWayToTheHandlerShowsThatOnce)
{
    const auto run = ringcheck("run " + kernel("page_fault_unhandled") + " 2>&1");
    const std::string again = "more, each deeper on the stack\n";
    const std::size_t table = run.output.find("... the same 167 times " + again);
    EXPECT_NE(table, std::string::npos) << run.output;
    EXPECT_NE(run.output.find("... the same 6 times " + again, table), std::string::npos) << "last transitions";
    const std::size_t first = run.output.find("exception at instruction ");
    EXPECT_NE(first, std::string::npos);
    EXPECT_EQ(run.output.find("exception at instruction ", first + 1), std::string::npos);
}

class BrokenKernelOf : public testing::TestWithParam<std::string> {};

TEST_P(BrokenKernelOf, DiesOfATripleFault)
{
    const auto run = ringcheck("run " + kernel(GetParam()) + " 2>&1 >/dev/null");
    EXPECT_EQ(run.status, 1);
    EXPECT_THAT(run.output, HasSubstr("error: triple fault\n"));
    EXPECT_THAT(run.output, HasSubstr("shutdown: nothing can be delivered (a triple fault)\n"));
}

INSTANTIATE_TEST_SUITE_P(Mistake, BrokenKernelOf, testing::Values(BROKEN_MISTAKES),
                         [](const auto& info) { return info.param; });

} // namespace
