// SPDX-License-Identifier: MIT
// Property: an instruction that the CPU refuses is explained by what it took its decision from, with the smallest
// change that helps.  [SDM 2A IRET/IRETD/IRETQ, SDM 2B SYSRET "Operation"]
#include "support/explained_guest.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace {

using namespace ringcheck;
using model::Reason;
using support::decisive_fields;
using support::ExplainedGuest;
using support::remedy_texts;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;

/// The first cause of what `code` does in ring 0.
Cause cause_in_ring_0(const support::GuestCode& code, model::Vendor vendor = model::Vendor::Intel)
{
    ExplainedGuest guest({ExplainedGuest::Wish::Kind::LastException}, {.ram_bytes = 8u << 20, .vendor = vendor});
    guest.place(ExplainedGuest::kKernelText, code);
    const Explanation explanation = guest.explain(guest.ring_0());
    return explanation.chain.empty() ? Cause{} : explanation.chain.front();
}

Cause cause_in_ring_3(const support::GuestCode& code)
{
    ExplainedGuest guest;
    guest.place(ExplainedGuest::kUserText, code);
    const Explanation explanation = guest.explain(guest.ring_3());
    return explanation.chain.empty() ? Cause{} : explanation.chain.front();
}

GUEST_CODE(iretq_without_rpl, R"(
    push  $0x1b          # ss
    push  $0x21ff0       # rsp
    push  $0x2           # rflags
    push  $0x20          # cs, without RPL 3
    push  $0x20000       # rip
    iretq
)");
GUEST_CODE(iretq_to_data, R"(
    push  $0x23          # ss, which should be cs
    push  $0x21ff0
    push  $0x2
    push  $0x1b
    push  $0x20000
    iretq
)");
GUEST_CODE(iretq_over_error_code, R"(
    push  $0x1b
    push  $0x21ff0
    push  $0x2
    push  $0x23
    push  $0x20000
    push  $0             # an error code that nobody removed
    iretq
)");
GUEST_CODE(iretq_to_non_canonical, R"(
    mov   $1, %ecx
    shl   $47, %rcx
    push  $0x1b
    push  $0x21ff0
    push  $0x2
    push  $0x23
    push  %rcx
    iretq
)");

TEST(InstructionExplanation, NamesTheRplThatAnIretFrameLacks)
{
    const Cause cause = cause_in_ring_0(iretq_without_rpl);
    EXPECT_EQ(cause.event, "#GP error 0x20 (GDT selector 0x20)");
    EXPECT_EQ(cause.fault.reason, Reason::IretCsDpl);
    EXPECT_THAT(decisive_fields(cause), ElementsAre("CS GDT[0x20].DPL"));
    EXPECT_THAT(remedy_texts(cause), ElementsAre("CS.RPL 0 -> 3"));
    EXPECT_EQ(cause.remedies.front().bits, 2);
    EXPECT_THAT(cause.likely, HasSubstr("needs RPL 3"));
    ASSERT_EQ(cause.frame.size(), 5u);
    EXPECT_EQ(cause.frame[1].name, "CS");
    EXPECT_EQ(cause.frame[1].value, 0x20u);
}

TEST(InstructionExplanation, SeesSwappedSelectorsInAnIretFrame)
{
    const Cause cause = cause_in_ring_0(iretq_to_data);
    EXPECT_EQ(cause.fault.reason, Reason::IretCsNotCode);
    EXPECT_THAT(decisive_fields(cause), ElementsAre("CS GDT[0x18].type"));
    EXPECT_THAT(cause.likely, HasSubstr("swapped"));
}

TEST(InstructionExplanation, SeesAnErrorCodeLeftOnTheStack)
{
    const Cause cause = cause_in_ring_0(iretq_over_error_code);
    EXPECT_THAT(cause.likely, HasSubstr("the error code was not removed"));
}

TEST(InstructionExplanation, NamesTheBitThatMakesAnAddressNonCanonical)
{
    const Cause cause = cause_in_ring_0(iretq_to_non_canonical);
    EXPECT_EQ(cause.fault.reason, Reason::IretRipNonCanonical);
    EXPECT_THAT(remedy_texts(cause), ElementsAre("RIP bit 47 1 -> 0"));
}

GUEST_CODE(sysretq_to_non_canonical, R"(
    mov   $1, %ecx
    shl   $47, %rcx
    mov   $0x2, %r11d
    sysretq
)");

TEST(InstructionExplanation, TellsIntelsSysretFromAmds)
{
    const Cause intel = cause_in_ring_0(sysretq_to_non_canonical);
    EXPECT_EQ(intel.fault.reason, Reason::SysretRcxNonCanonical);
    EXPECT_THAT(decisive_fields(intel), ElementsAre("RCX.address"));
    EXPECT_THAT(remedy_texts(intel), ElementsAre("RCX bit 47 1 -> 0"));
    EXPECT_THAT(intel.likely, HasSubstr("faults in ring 0 with ring 3's RSP"));

    const Cause amd = cause_in_ring_0(sysretq_to_non_canonical, model::Vendor::Amd);
    EXPECT_EQ(amd.fault.reason, Reason::AddressNonCanonical) << "SYSRET passes, the fetch in ring 3 does not";
    EXPECT_THAT(amd.access, HasSubstr("fetch from 0x800000000000 with ring 3's rights"));
}

GUEST_CODE(syscall_in_ring_3, "syscall");

TEST(InstructionExplanation, NamesTheEnableBitOfSyscall)
{
    ExplainedGuest guest;
    guest.place(ExplainedGuest::kUserText, syscall_in_ring_3);
    model::CpuState state = guest.ring_3();
    state.efer &= ~arch::efer::kSyscallEnable;
    const Explanation explanation = guest.explain(state);
    ASSERT_FALSE(explanation.chain.empty());
    EXPECT_THAT(remedy_texts(explanation.chain.front()), ElementsAre("EFER.SCE 0 -> 1"));
    EXPECT_EQ(explanation.chain.front().likely, "EFER.SCE was never set");
}

GUEST_CODE(cli_in_ring_3, "cli");
GUEST_CODE(halt_in_ring_3, "hlt");
GUEST_CODE(out_in_ring_3, "out %al, $0x21");
GUEST_CODE(invlpg_in_ring_3, "invlpg (%rax)");
GUEST_CODE(read_msr_in_ring_3, "rdmsr");

TEST(InstructionExplanation, FindsTheRuleOfPrivilegedInstructions)
{
    EXPECT_EQ(cause_in_ring_3(cli_in_ring_3).fault.reason, Reason::InstructionIopl);
    EXPECT_THAT(remedy_texts(cause_in_ring_3(cli_in_ring_3)), ElementsAre("RFLAGS.IOPL 0 -> 3"));
    EXPECT_EQ(cause_in_ring_3(halt_in_ring_3).fault.reason, Reason::InstructionNotRing0);
    EXPECT_EQ(cause_in_ring_3(invlpg_in_ring_3).fault.reason, Reason::InstructionNotRing0);
    EXPECT_EQ(cause_in_ring_3(read_msr_in_ring_3).fault.reason, Reason::MsrNotRing0);
    const Cause port = cause_in_ring_3(out_in_ring_3);
    EXPECT_EQ(port.fault.reason, Reason::IoBitmapBeyondLimit);
    EXPECT_THAT(remedy_texts(port), ElementsAre("RFLAGS.IOPL 0 -> 3"));
}

GUEST_CODE(read_non_canonical, R"(
    mov   $1, %eax
    shl   $47, %rax
    mov   (%rax), %rbx
)");
GUEST_CODE(return_to_non_canonical, R"(
    mov   $1, %eax
    shl   $47, %rax
    push  %rax
    ret
)");

TEST(InstructionExplanation, FindsTheNonCanonicalAddressOfAGeneralProtectionFault)
{
    const Cause data = cause_in_ring_0(read_non_canonical);
    EXPECT_EQ(data.fault.reason, Reason::AddressNonCanonical);
    EXPECT_THAT(data.access, HasSubstr("read of 0x800000000000"));
    const Cause branch = cause_in_ring_0(return_to_non_canonical);
    EXPECT_EQ(branch.fault.reason, Reason::AddressNonCanonical);
    EXPECT_THAT(branch.access, HasSubstr("fetch from 0x800000000000"));
}

GUEST_CODE(divide_by_zero, R"(
    xor   %ecx, %ecx
    div   %ecx
)");
GUEST_CODE(sse_instruction, "movaps %xmm0, %xmm1");

TEST(InstructionExplanation, SaysWhatItCanOfRulesThatTheModelDoesNotHave)
{
    EXPECT_THAT(cause_in_ring_0(divide_by_zero).likely, HasSubstr("division by zero"));
    const Cause sse = cause_in_ring_0(sse_instruction);
    EXPECT_THAT(decisive_fields(sse), Contains("CR4.OSFXSR"));
    EXPECT_THAT(sse.likely, HasSubstr("SSE needs CR4.OSFXSR = 1"));
}

GUEST_CODE(load_absent_task, R"(
    mov   $0x38, %eax
    ltr   %ax
)");
GUEST_CODE(load_null_task, R"(
    xor   %eax, %eax
    ltr   %ax
)");
GUEST_CODE(jump_far_away, R"(
    mov   $1, %eax
    shl   $47, %rax
    mov   %rax, 0x38100
    movw  $8, 0x38108
    rex64 ljmp *0x38100
)");
GUEST_CODE(load_gdt_from_nowhere, "lgdt 0x3c000");
GUEST_CODE(load_misaligned, R"(
    mov   %cr4, %rax
    bts   $9, %rax
    mov   %rax, %cr4
    movaps 0x38008, %xmm0
)");

const Exhibit* find_exhibit(const Cause& cause, const std::string& name)
{
    const auto found = std::ranges::find(cause.exhibits, name, &Exhibit::name);
    return found == cause.exhibits.end() ? nullptr : &*found;
}

TEST(InstructionExplanation, ShowsWhatASegmentLoadWasGiven)
{
    const Cause absent = cause_in_ring_0(load_absent_task);
    EXPECT_EQ(absent.fault.reason, Reason::LtrNotAvailableTss);
    EXPECT_NE(find_exhibit(absent, "GDT[0x38]"), nullptr);

    const Cause null = cause_in_ring_0(load_null_task);
    EXPECT_EQ(null.fault.reason, Reason::LtrNull);
    ASSERT_NE(find_exhibit(null, "selector"), nullptr);
    EXPECT_EQ(find_exhibit(null, "selector")->raw, "0x0");

    const Cause away = cause_in_ring_0(jump_far_away);
    EXPECT_EQ(away.fault.reason, Reason::FarTargetNonCanonical);
    ASSERT_NE(find_exhibit(away, "offset"), nullptr);
    EXPECT_EQ(find_exhibit(away, "offset")->raw, "0x800000000000");
    EXPECT_EQ(find_exhibit(away, "offset")->where, "0x38100");
    ASSERT_NE(find_exhibit(away, "selector"), nullptr);
}

TEST(InstructionExplanation, WalksToAnOperandThatTheModelCouldNotRead)
{
    const Cause cause = cause_in_ring_0(load_gdt_from_nowhere);
    EXPECT_EQ(cause.fault.reason, Reason::PageNotPresent);
    EXPECT_THAT(cause.access, HasSubstr("read of 0x3c000"));
    EXPECT_THAT(decisive_fields(cause), ElementsAre("PT[60].P"));
}

TEST(InstructionExplanation, NamesTheAddressOfAMisalignedOperand)
{
    const Cause cause = cause_in_ring_0(load_misaligned);
    EXPECT_EQ(cause.fault.reason, Reason::OperandMisaligned);
    ASSERT_NE(find_exhibit(cause, "address"), nullptr);
    EXPECT_EQ(find_exhibit(cause, "address")->raw, "0x38008");
}

} // namespace
