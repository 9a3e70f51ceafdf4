// SPDX-License-Identifier: MIT
// Property: a program's first instruction finds an architecturally clean CPU, and its stack as the psABI lays it out.
// Source: [psABI AMD64 "Initial Stack and Register State"].
#include "layout/address_map.h"
#include "layout/selectors.h"
#include "support/booted_kernel.h"

#include <gtest/gtest.h>

namespace support {
namespace {

using model::Gpr;

class FirstEntry : public testing::Test {
protected:
    FirstEntry() { program.run_to_ring3(); }

    BootedKernel program{{"run hello", "poweroff"}};
};

TEST_F(FirstEntry, IsAnIret)
{
    const ringcheck::Transition& entry = program.recorder.all.back();
    EXPECT_EQ(entry.kind, ringcheck::TransitionKind::Iret);
    EXPECT_EQ(entry.before.cpl, 0);
    EXPECT_EQ(entry.after.cpl, 3);
}

TEST_F(FirstEntry, FindsEveryGeneralRegisterZeroButRsp)
{
    model::CpuState state = program.machine->state();
    state[Gpr::Rsp] = 0;
    EXPECT_EQ(state.gpr, (std::array<std::uint64_t, 16>{}));
}

TEST_F(FirstEntry, FindsUserSegmentsAndOrdinaryFlags)
{
    const model::CpuState state = program.machine->state();
    EXPECT_EQ(state.cs.selector, layout::kUserCode);
    EXPECT_EQ(state.ss.selector, layout::kUserData);
    EXPECT_EQ(state.rflags, 0x202u);
    for (const model::SegmentRegister* segment : {&state.ds, &state.es, &state.fs, &state.gs}) {
        EXPECT_EQ(segment->selector, 0);
    }
    EXPECT_EQ(state.fs.base, 0u);
    EXPECT_EQ(state.gs.base, 0u);
    EXPECT_EQ(state.dr7, 0x400u);
}

TEST_F(FirstEntry, FindsArgcAndArgvOnAnAlignedStack)
{
    const model::CpuState state = program.machine->state();
    const std::uint64_t rsp = state[Gpr::Rsp];
    EXPECT_EQ(rsp % 16, 0u);
    EXPECT_LT(rsp, layout::kUserStackTop.value);
    EXPECT_EQ(program.word_at(arch::VirtAddr{rsp}), 1u); // argc
    const std::uint64_t argv0 = program.word_at(arch::VirtAddr{rsp + 8});
    const auto name = program.machine->read_virtual(state, arch::VirtAddr{argv0}, 6);
    ASSERT_EQ(name.size(), 6u);
    EXPECT_STREQ(reinterpret_cast<const char*>(name.data()), "hello");
    EXPECT_EQ(program.word_at(arch::VirtAddr{rsp + 16}), 0u); // argv ends
}

/// userprogs/hostile/initial_state looks at what no CpuState holds, x87 and SSE too, and leaves marks behind.
TEST(InitialState, IsCleanAlsoAfterAProgramThatLeftMarks)
{
    BootedKernel kernel{{"run initial_state", "run initial_state", "poweroff"}};
    EXPECT_EQ(kernel.run_to_end().kind, ringcheck::EndKind::PowerOff);
    const std::string& console = kernel.machine->console();
    const std::string clean = "every register was clean";
    const std::size_t first = console.find(clean);
    ASSERT_NE(first, std::string::npos) << console;
    EXPECT_NE(console.find(clean, first + 1), std::string::npos) << console;
}

} // namespace
} // namespace support
