// SPDX-License-Identifier: MIT
// Property: explaining changes nothing; an exception in ring 0 counts until its frame is popped; what happens at a
// count is explained whatever it is.
#include "support/explained_guest.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>

namespace {

using namespace ringcheck;
using support::ExplainedGuest;
using testing::HasSubstr;
using Wish = ExplainedGuest::Wish;
using Guest = ExplainedGuest::Guest;

GUEST_CODE(fault_in_ring_0_after_bad_iretq, R"(
    push  $0x1b
    push  $0x21ff0
    push  $0x2
    push  $0x20
    push  $0x20000
    iretq
)");

TEST(FaultWatch, LeavesTheMachineAsItIs)
{
    support::MachineGuest alone;
    ExplainedGuest watched;
    for (support::MachineGuest* const guest : {&alone, static_cast<support::MachineGuest*>(&watched)}) {
        guest->guest.set_descriptor(Guest::kUserCode,
                                    guest->guest.descriptor(Guest::kUserCode) & ~arch::SegmentDescriptor::kAccessed);
        guest->guest.set_page_entry(ExplainedGuest::kData, 0x38003); // neither accessed nor dirty
        guest->place(ExplainedGuest::kKernelText, fault_in_ring_0_after_bad_iretq);
        guest->run(guest->ring_0());
    }
    ASSERT_FALSE(watched.faults.explanations().empty());
    ASSERT_FALSE(watched.faults.explanations().front().chain.front().remedies.empty()) << "candidates were tried";
    const std::byte* const one = alone.machine->memory().at(arch::PhysAddr{0}, Guest::kRamBytes);
    const std::byte* const other = watched.machine->memory().at(arch::PhysAddr{0}, Guest::kRamBytes);
    EXPECT_EQ(std::memcmp(one, other, Guest::kRamBytes), 0);
    EXPECT_EQ(alone.machine->state(), watched.machine->state());
}

GUEST_CODE(undefined_then_halt, R"(
    ud2
    hlt
)");
GUEST_CODE(skip_two_bytes, R"(
    addq  $2, (%rsp)
    iretq
)");

GUEST_CODE(give_up, "hlt");

TEST(FaultWatch, TellsAnExceptionThatWasServedFromOneThatWasNot)
{
    for (const bool served : {true, false}) {
        ExplainedGuest guest({Wish::Kind::LastException});
        guest.place(ExplainedGuest::kKernelText, undefined_then_halt);
        guest.place(ExplainedGuest::handler(6), served ? skip_two_bytes : give_up);
        guest.run(guest.ring_0());
        ASSERT_EQ(guest.faults.explanations().size(), 1u);
        EXPECT_EQ(guest.faults.all_served(), served);
        EXPECT_EQ(guest.faults.explanations().front().served, served);
    }
}

TEST(FaultWatch, ForgetsAKernelFaultThatWasReturnedFrom)
{
    ExplainedGuest guest({Wish::Kind::KernelFaults});
    guest.place(ExplainedGuest::kKernelText, undefined_then_halt);
    guest.place(ExplainedGuest::handler(6), skip_two_bytes);
    guest.run(guest.ring_0());
    ASSERT_EQ(guest.log.transitions.size(), 2u);
    EXPECT_TRUE(guest.faults.explanations().empty());
}

TEST(FaultWatch, KeepsAKernelFaultThatWasNot)
{
    ExplainedGuest guest({Wish::Kind::KernelFaults});
    guest.place(ExplainedGuest::kKernelText, undefined_then_halt);
    guest.run(guest.ring_0());
    ASSERT_EQ(guest.faults.explanations().size(), 1u);
    EXPECT_EQ(guest.faults.explanations().front().chain.front().event, "#UD");
}

TEST(FaultWatch, LeavesFaultsOfRing3ToThoseWhoAsk)
{
    ExplainedGuest guest({Wish::Kind::KernelFaults});
    guest.place(ExplainedGuest::kUserText, undefined_then_halt);
    guest.run(guest.ring_3());
    ASSERT_EQ(guest.log.transitions.size(), 1u);
    EXPECT_TRUE(guest.faults.explanations().empty());
}

GUEST_CODE(syscall_then_halt, R"(
    nop
    syscall
    hlt
)");
GUEST_CODE(change_rcx_and_return, R"(
    mov   $0x3c000, %ecx
    sysretq
)");

TEST(FaultWatch, ExplainsATransitionByItsCount)
{
    ExplainedGuest guest({Wish::Kind::AtCount, 1});
    guest.place(ExplainedGuest::kUserText, syscall_then_halt);
    guest.run(guest.ring_3());
    ASSERT_EQ(guest.faults.explanations().size(), 1u);
    const Explanation entry = guest.faults.explanations().front();
    EXPECT_EQ(entry.kind, "SYSCALL");
    EXPECT_EQ(entry.rip, ExplainedGuest::kUserText + 1);
    EXPECT_EQ(entry.chain.front().exhibits.front().raw, "0x0013000800000000") << "STAR";
    EXPECT_THAT(entry.entered, HasSubstr("0x31000 in ring 0"));
}

TEST(FaultWatch, RemembersWhereSysretShouldHaveGone)
{
    ExplainedGuest guest;
    guest.place(ExplainedGuest::kUserText, syscall_then_halt);
    guest.place(ExplainedGuest::kSyscallText, change_rcx_and_return);
    const Explanation explanation = guest.explain(guest.ring_3());
    ASSERT_FALSE(explanation.chain.empty());
    EXPECT_EQ(
        explanation.chain.front().likely,
        "SYSRETQ at 0x31005 took RIP 0x3c000 from RCX, but SYSCALL at 0x20001 had left 0x20003 there: the entry has "
        "to save RCX before anything changes it, and restore it last");
}

TEST(FaultWatch, KeepsOneOfAFaultThatComesAgainOnTheWayToItsHandler)
{
    ExplainedGuest guest({Wish::Kind::KernelFaults});
    guest.place(ExplainedGuest::kKernelText, undefined_then_halt);
    constexpr std::uint64_t kNowhere = ExplainedGuest::kUnmapped;
    for (const unsigned vector : {6u, 14u}) {
        guest.guest.set_gate(
            vector, arch::IdtGate::interrupt(kNowhere, ExplainedGuest::Guest::kKernelCode, 0, arch::Ring::Kernel));
    }
    guest.guest.unmap(ExplainedGuest::Guest::kKernelStack - 0x2000);
    const Explanation last = guest.explain(guest.ring_0());
    ASSERT_EQ(guest.end.kind, EndKind::Shutdown) << guest.end.text;
    const auto kept = guest.faults.explanations();
    ASSERT_EQ(kept.size(), 2u) << "the #UD, and the first #PF";
    EXPECT_EQ(kept[0].repeated, 0u);
    // From 0x100 below the top to the page that is not there, 48 bytes each; the last is the one that shut it down.
    constexpr std::uint64_t kFrames = (0x2000 - 0x1000 - 0x100 - 48) / 48;
    EXPECT_GE(kept[1].repeated, kFrames);
    EXPECT_THAT(last.chain.front().likely,
                testing::HasSubstr("the gate of vector 14 has the handler's address 0x3c000"));
}

} // namespace
