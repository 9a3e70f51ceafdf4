// SPDX-License-Identifier: MIT
// Property: whichever allocation of a frame fails, alone or with all behind it, the program is refused or killed,
// nothing that was taken for it stays behind, and who is ended from the console in the middle of anything leaves
// nothing either.
// `./aethel stress --long sweep kills` does it for every allocation and for more programs.
#include "stress/kills.h"
#include "stress/sweep.h"
#include "support/booted_kernel.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace stress {
namespace {

using testing::IsEmpty;

Image image()
{
    return {support::path_from_environment("AETHEL_KERNEL", AETHEL_DEFAULT_KERNEL),
            support::path_from_environment("AETHEL_INITRD", AETHEL_DEFAULT_INITRD),
            support::machine_from_environment().vendor};
}

void sweep_both_ways(const std::string& program, std::uint64_t step)
{
    Session session(image(), false);
    session.keep_after({"run " + program});
    for (const bool from_there : {false, true}) {
        const Sweep all =
            sweep(session, {.line = program, .careful = true, .from_there = from_there, .first = 1, .step = step});
        EXPECT_THAT(all.losses, IsEmpty());
        EXPECT_GT(all.not_started, 0u);
        EXPECT_GT(all.killed + all.refused, 0u);
    }
}

TEST(AllocationFailure, LeavesNothingOfASimpleProgramBehind)
{
    sweep_both_ways("hello", 1);
}

/// Each of its fourteen forks and clones fails at another frame.
TEST(AllocationFailure, LeavesNothingOfAFamilyBehind)
{
    sweep_both_ways("scarcity", 17);
}

TEST(EndFromTheConsole, LeavesNothingBehindWhereverItComes)
{
    Session session(image(), false);
    session.keep_after({"run scarcity"});
    const Kills kills = kill_at_random(session, {.line = "scarcity", .seed = 1, .cases = 24, .longest = 900'000});
    EXPECT_THAT(kills.losses, IsEmpty());
    EXPECT_GT(kills.killed, 8u);
}

} // namespace
} // namespace stress
