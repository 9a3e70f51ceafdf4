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
