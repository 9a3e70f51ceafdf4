// SPDX-License-Identifier: MIT
// Every place where the two profiles differ, in one table; and that there is no other: each function that takes a
// vendor has its rows here.
#include "model/far_pointer.h"
#include "model/far_return.h"
#include "model/iret.h"
#include "model/segment_load.h"
#include "model/syscall.h"
#include "model/sysret.h"
#include "support/cpu_state_matchers.h"
#include "support/model_guest.h"

#include <string>

namespace ringcheck::model {
namespace {

using Guest = ModelGuest;

constexpr std::uint64_t kHole = 1ull << 47;

std::string name(const SegmentRegister& segment)
{
    return hex(segment.selector) + " base " + hex(segment.base) + " attributes " + hex(segment.attributes);
}

/// What happened, in a word: the fault, or what `tell` says of the state.
template <typename Tell> std::string outcome(const std::expected<CpuState, Fault>& after, Tell tell)
{
    return after ? tell(*after) : to_string(after.error());
}

std::string syscall_from_compatibility_mode(Vendor vendor)
{
    Guest guest;
    CpuState state = guest.ring_3();
    state.cs.attributes = 0x00c0'fb00;
    return outcome(syscall(state, vendor), [](const CpuState& after) { return "enters at " + hex(after.rip); });
}

std::string sysret_outside_64_bit_mode(Vendor vendor)
{
    Guest guest;
    CpuState state = guest.ring_0();
    state.cs.attributes = 0x00c0'9b00;
    return outcome(sysret(state, OperandSize::Bits32, vendor), [](const CpuState&) { return std::string{"returns"}; });
}

std::string sysret_to_a_non_canonical_address(Vendor vendor)
{
    Guest guest;
    CpuState state = guest.ring_0();
    state[Gpr::Rcx] = kHole;
    return outcome(sysret(state, OperandSize::Bits64, vendor),
                   [](const CpuState& after) { return "ring " + std::to_string(after.cpl) + " at " + hex(after.rip); });
}

std::string stack_segment_of_sysret(Vendor vendor)
{
    Guest guest;
    CpuState state = guest.ring_0();
    state.star &= ~(std::uint64_t{3} << 48);
    state.ss = SegmentRegister{};
    state[Gpr::Rcx] = 0x20123;
    return outcome(sysret(state, OperandSize::Bits64, vendor), [](const CpuState& after) { return name(after.ss); });
}

/// A return from ring 0 to ring 1 with a null SS of RPL 2, by five or four words at RSP.
CpuState returning_to_ring_1(Guest& guest, bool with_flags)
{
    CpuState state = guest.ring_0();
    guest.set_descriptor(Guest::kSpare, guest.descriptor(Guest::kKernelCode) | 1ull << 45);
    std::uint64_t address = state[Gpr::Rsp];
    const auto push = [&](std::uint64_t word) {
        guest.set_word(address, word);
        address += sizeof word;
    };
    push(0x4000);
    push(Guest::kSpare | 1);
    if (with_flags) {
        push(2);
    }
    push(0x5000);
    push(2);
    return state;
}

std::string null_stack_segment_of_iret(Vendor vendor)
{
    Guest guest;
    const CpuState state = returning_to_ring_1(guest, true);
    return outcome(iret(state, guest.memory(), OperandSize::Bits64, vendor),
                   [](const CpuState& after) { return name(after.ss); });
}

std::string null_stack_segment_of_far_return(Vendor vendor)
{
    Guest guest;
    const CpuState state = returning_to_ring_1(guest, false);
    return outcome(far_return(state, guest.memory(), OperandSize::Bits64, 0, vendor),
                   [](const CpuState& after) { return name(after.ss); });
}

std::string null_selector_in_ss(Vendor vendor)
{
    Guest guest;
    return outcome(mov_to_segment(guest.ring_0(), guest.memory(), SegmentName::Ss, 2, vendor),
                   [](const CpuState& after) { return name(after.ss); });
}

std::string null_selector_in_gs(Vendor vendor)
{
    Guest guest;
    return outcome(mov_to_segment(guest.ring_0(), guest.memory(), SegmentName::Gs, 0, vendor),
                   [](const CpuState& after) { return name(after.gs); });
}

std::string far_pointer_with_rex_w(Vendor vendor)
{
    return std::to_string(static_cast<unsigned>(far_operand_size(OperandSize::Bits64, vendor))) + " bytes of offset";
}

struct Difference {
    const char* subject;
    const char* citation;
    std::string (*observe)(Vendor);
    const char* intel;
    const char* amd;
};

constexpr Difference kDifferences[] = {
    {"SYSCALL from compatibility mode", "SDM 2B SYSCALL; APM 3 SYSCALL", syscall_from_compatibility_mode,
     "vector 6 no error code by syscall-outside-64-bit-mode", "enters at 0xffffffff80000200"},
    {"SYSRET outside 64-bit mode", "SDM 2B SYSRET; APM 3 SYSRET", sysret_outside_64_bit_mode,
     "vector 6 no error code by sysret-outside-64-bit-mode", "vector 0 no error code by mode-unmodelled"},
    {"SYSRETQ to a non-canonical RCX", "SDM 2B SYSRET; APM 3 SYSRET", sysret_to_a_non_canonical_address,
     "vector 13 error 0x0 by sysret-rcx-non-canonical", "ring 3 at 0x800000000000"},
    {"SS after SYSRET", "SDM 2B SYSRET; APM 3 SYSRET", stack_segment_of_sysret, "0x1b base 0x0 attributes 0xc0f300",
     "0x18 base 0x0 attributes 0x0"},
    {"IRET to a null SS with another RPL", "SDM 2A IRET/IRETD/IRETQ; APM 3 IRET", null_stack_segment_of_iret,
     "vector 13 error 0x0 by iret-ss-null-rpl", "0x2 base 0x0 attributes 0x0"},
    {"far RET to a null SS with another RPL", "SDM 2B RET; APM 3 RET (Far)", null_stack_segment_of_far_return,
     "vector 13 error 0x0 by ret-ss-null-rpl", "0x2 base 0x0 attributes 0x0"},
    {"MOV SS, null selector with another RPL", "SDM 2B MOV; APM 3 MOV", null_selector_in_ss,
     "vector 13 error 0x0 by load-ss-null-rpl", "0x2 base 0x0 attributes 0x0"},
    {"MOV GS, null selector",
     "SDM 3A \"Segment Loading Instructions in IA-32e Mode\"; APM 2 \"FS and GS Registers in "
     "64-Bit Mode\"",
     null_selector_in_gs, "0x0 base 0x0 attributes 0x0", "0x0 base 0x26000 attributes 0x0"},
    {"far CALL, JMP, LSS, LFS, LGS with REX.W", "SDM 2A CALL, JMP, LDS/LES/LFS/LGS/LSS; APM 3 CALL (Far), LFS",
     far_pointer_with_rex_w, "8 bytes of offset", "4 bytes of offset"},
};

TEST(VendorProfiles, DifferWhereTheManualsDo)
{
    for (const Difference& difference : kDifferences) {
        SCOPED_TRACE(std::string{difference.subject} + ": " + difference.citation);
        EXPECT_EQ(difference.observe(Vendor::Intel), difference.intel);
        EXPECT_EQ(difference.observe(Vendor::Amd), difference.amd);
    }
}

} // namespace
} // namespace ringcheck::model
