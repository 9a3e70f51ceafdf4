// SPDX-License-Identifier: MIT
// Far CALL and JMP in 64-bit mode: every code descriptor and every gate against a predicate written from the manual's
// prose; what a transfer changes; stacks.  [SDM 2A CALL, JMP]
#include "support/far_transfer_guest.h"

#include <functional>

namespace ringcheck::model {
namespace {

using arch::CallGate;
using Guest = ModelGuest;

/// A code segment descriptor, or what stands in its place.
struct Segment {
    bool system, code, conforming, wide, big, present;
    unsigned dpl;
};

constexpr unsigned kSegments = 64 * 4;

Segment unpack_segment(unsigned number)
{
    const auto bit = [number](unsigned position) { return (number >> position & 1) != 0; };
    return {bit(0), bit(1), bit(2), bit(3), bit(4), bit(5), number >> 6};
}

std::uint64_t descriptor_of(const Segment& s)
{
    const std::uint64_t type = 3u | (s.conforming ? 4u : 0) | (s.code ? 8u : 0);
    return 0x008f'0000'0000'ffff | type << 40 | (s.system ? 0 : 1ull << 44) | std::uint64_t{s.dpl} << 45 |
           (s.present ? 1ull << 47 : 0) | (s.wide ? 1ull << 53 : 0) | (s.big ? 1ull << 54 : 0);
}

class FarTransfer : public FarTransferGuest {};

/// The fault of a transfer straight to the segment.
Fault expected_direct(const Segment& s, unsigned rpl, unsigned cpl)
{
    constexpr std::uint32_t kError = Guest::kSpare;
    if (s.system || !s.code) {
        return exception(13, Reason::FarNotCodeOrGate, kError);
    }
    if (s.wide && s.big) {
        return exception(13, Reason::FarCsLongAndBig, kError);
    }
    if (s.conforming) {
        if (s.dpl > cpl) {
            return exception(13, Reason::FarCsConformingDpl, kError);
        }
    } else if (rpl > cpl || s.dpl != cpl) {
        return exception(13, rpl > cpl ? Reason::FarCsRpl : Reason::FarCsDpl, kError);
    }
    return s.present ? Fault{} : exception(11, Reason::FarCsNotPresent, kError);
}

TEST_F(FarTransfer, AgreesWithTheManualForEverySegmentSelectorAndRing)
{
    unsigned allowed = 0;
    for (unsigned number = 0; number != kSegments * 16; ++number) {
        const Segment s = unpack_segment(number / 16);
        const unsigned rpl = number % 4, cpl = number / 4 % 4;
        guest.set_descriptor(Guest::kSpare, descriptor_of(s));
        before = cpl == 3 ? guest.ring_3() : guest.ring_0();
        before.cpl = static_cast<std::uint8_t>(cpl);
        const FarPointer target{0x4000, static_cast<std::uint16_t>(Guest::kSpare | rpl)};
        const Fault expected = expected_direct(s, rpl, cpl);
        ASSERT_EQ(fault_of(call(target)), expected) << number;
        const auto after = jump(target);
        ASSERT_EQ(fault_of(after), expected) << number;
        if (after) {
            ++allowed;
            ASSERT_EQ(after->cs.selector, Guest::kSpare | cpl) << "RPL becomes CPL";
            ASSERT_EQ(after->cpl, cpl);
        }
    }
    // L and D in three ways; conforming: DPL up to CPL, any RPL; else DPL = CPL, RPL up to CPL.
    EXPECT_EQ(allowed, 3u * (10 * 4 + 10));
}

struct Gate {
    bool upper_type, present;
    unsigned dpl, rpl;
};

Fault expected_by_gate(const Gate& gate, const Segment& s, unsigned cpl, bool is_jump)
{
    constexpr std::uint32_t kGateError = Guest::kSpare, kCodeError = Guest::kKernelCode;
    if (gate.upper_type) {
        return exception(13, Reason::CallGateUpperType, kGateError);
    }
    if (gate.dpl < cpl || gate.dpl < gate.rpl) {
        return exception(13, Reason::CallGateDpl, kGateError);
    }
    if (!gate.present) {
        return exception(11, Reason::CallGateNotPresent, kGateError);
    }
    if (s.system || !s.code) {
        return exception(13, Reason::CallGateCsNotCode, kCodeError);
    }
    if (s.dpl > cpl || (is_jump && !s.conforming && s.dpl < cpl)) {
        return exception(13, Reason::CallGateCsDpl, kCodeError);
    }
    if (!s.wide || s.big) {
        return exception(13, Reason::CallGateCsNot64Bit, kCodeError);
    }
    return s.present ? Fault{} : exception(11, Reason::CallGateCsNotPresent, kCodeError);
}

TEST_F(FarTransfer, AgreesWithTheManualForEveryGateSegmentAndRing)
{
    unsigned inward = 0;
    for (unsigned number = 0; number != 64 * 4 * kSegments; ++number) {
        const Gate gate{(number & 1) != 0, (number & 2) != 0, number >> 2 & 3, number >> 4 & 3};
        const unsigned cpl = number >> 6 & 3;
        const Segment s = unpack_segment(number >> 8);
        CallGate words = CallGate::to(kEntry, Guest::kKernelCode, arch::Ring::Kernel);
        words.low = (words.low & ~(1ull << 47)) | std::uint64_t{gate.dpl} << 45 | (gate.present ? 1ull << 47 : 0);
        words.high |= gate.upper_type ? 1ull << 40 : 0;
        set_gate(words);
        before = cpl == 3 ? guest.ring_3() : guest.ring_0();
        before.cs = {Guest::kUserCode, 0, 0xffff'ffff, 0x0020'fb00};
        before.cpl = static_cast<std::uint8_t>(cpl);
        guest.set_descriptor(Guest::kKernelCode, descriptor_of(s));
        const FarPointer target{0x666, static_cast<std::uint16_t>(Guest::kSpare | gate.rpl)};
        const auto after_jump = jump(target);
        ASSERT_EQ(fault_of(after_jump), expected_by_gate(gate, s, cpl, true)) << number;
        const auto after = call(target, OperandSize::Bits16);
        ASSERT_EQ(fault_of(after), expected_by_gate(gate, s, cpl, false)) << number;
        if (!after) {
            continue;
        }
        const unsigned new_cpl = s.conforming ? cpl : s.dpl;
        inward += new_cpl != cpl ? 1 : 0;
        ASSERT_EQ(after->cpl, new_cpl);
        ASSERT_EQ(after->cs.selector, Guest::kKernelCode | new_cpl);
        ASSERT_EQ(after->rip, kEntry) << "the target's offset does not count";
        ASSERT_EQ((*after)[Gpr::Rsp], new_cpl != cpl ? Guest::kRsp0 + 0x800 * new_cpl - 32 : before[Gpr::Rsp] - 16);
        ASSERT_EQ(after->ss.selector, new_cpl != cpl ? new_cpl : before.ss.selector);
    }
    // From ring 1, 2 and 3: the inner rings, times the pairs of gate DPL and RPL that may be used from there.
    EXPECT_EQ(inward, 1u * 9 + 2 * 7 + 3 * 4);
}

TEST_F(FarTransfer, CallsThroughAGateOntoTheInnerRingsStackAndChangesNothingElse)
{
    set_gate(CallGate::to(kEntry, Guest::kKernelCode | 3, arch::Ring::User));
    before = guest.ring_3();
    before.interrupt_shadow = true;
    before.mov_ss_shadow = true;
    CpuState expected = before;
    expected.rip = kEntry;
    expected.cs = guest.loaded(Guest::kKernelCode);
    expected.ss = SegmentRegister{};
    expected.cpl = 0;
    expected[Gpr::Rsp] = Guest::kRsp0 - 32;
    expected.interrupt_shadow = false;
    expected.mov_ss_shadow = false;
    const auto after = call({0, Guest::kSpare | 3}, OperandSize::Bits32);
    ASSERT_TRUE(after) << to_string(after.error());
    EXPECT_TRUE(same_state(*after, expected));
    EXPECT_EQ(guest.word(Guest::kRsp0 - 8), Guest::kUserData);
    EXPECT_EQ(guest.word(Guest::kRsp0 - 16), before[Gpr::Rsp]);
    EXPECT_EQ(guest.word(Guest::kRsp0 - 24), Guest::kUserCode);
    EXPECT_EQ(guest.word(Guest::kRsp0 - 32), before.rip);
}

TEST_F(FarTransfer, PushesTheReturnAddressInWordsOfTheOperandSize)
{
    for (const unsigned size : {2u, 4u, 8u}) {
        before[Gpr::Rsp] = Guest::kKernelStack - 0x2ff; // odd: a far CALL does not align
        guest.set_word(before[Gpr::Rsp] - 16, 0);
        guest.set_word(before[Gpr::Rsp] - 8, 0);
        CpuState expected = before;
        expected.rip = 0x4321;
        expected[Gpr::Rsp] -= 2 * size;
        const auto after = call({0x4321, Guest::kKernelCode}, static_cast<OperandSize>(size));
        ASSERT_TRUE(after) << to_string(after.error());
        EXPECT_TRUE(same_state(*after, expected));
        const std::uint64_t mask = ~std::uint64_t{0} >> (64 - 8 * size);
        EXPECT_EQ(guest.word((*after)[Gpr::Rsp]) & mask, before.rip & mask);
        EXPECT_EQ(guest.word((*after)[Gpr::Rsp] + size) & mask, Guest::kKernelCode);
    }
}

TEST_F(FarTransfer, EntersCompatibilityModeWithin4GibAndItsLimit)
{
    guest.set_descriptor(Guest::kSpare, 0x0041'9b00'0000'ffff); // 32-bit code, 128 KiB
    const auto after = jump({0xffff'ffff'0001'0000, Guest::kSpare});
    ASSERT_TRUE(after);
    EXPECT_EQ(after->rip, 0x1'0000u);
    EXPECT_FALSE(after->in_64_bit_mode());
    EXPECT_TRUE(jump({0x1'ffff, Guest::kSpare})) << "its last byte";
    EXPECT_EQ(fault_of(jump({0x2'0000, Guest::kSpare})), exception(13, Reason::FarTargetBeyondLimit, 0));
    EXPECT_EQ(fault_of(call({0x2'0000, Guest::kSpare})), exception(13, Reason::FarTargetBeyondLimit, 0));
}

TEST_F(FarTransfer, TellsAnExecuteOnlyConformingSegmentFromAGate)
{
    guest.set_descriptor(Guest::kSpare, 0x00af'9c00'0000'ffff); // type 12, as a call gate's, with S = 1
    EXPECT_TRUE(jump({0x4000, Guest::kSpare}));
}

TEST_F(FarTransfer, SetsTheAccessedBitOfTheCodeSegment)
{
    const std::uint64_t used = guest.descriptor(Guest::kKernelCode);
    guest.set_descriptor(Guest::kKernelCode, used & ~(1ull << 40));
    const auto after = jump({0x4000, Guest::kKernelCode});
    ASSERT_TRUE(after);
    EXPECT_EQ(hex(guest.descriptor(Guest::kKernelCode)), hex(used));
    EXPECT_EQ(after->cs, guest.loaded(Guest::kKernelCode));
}

TEST_F(FarTransfer, RefusesEachDefectOfATargetByItsOwnRuleAndErrorCode)
{
    struct Defect {
        const char* name;
        std::function<void(Guest&, CpuState&, FarPointer&)> damage;
        Fault fault;
        bool of_jump = true; ///< JMP raises it too
    };
    constexpr std::uint16_t kBeyond = Guest::kGdtLimit + 1;
    const Defect defects[] = {
        {"selector null", [](Guest&, CpuState&, FarPointer& t) { t.selector = 3; },
         exception(13, Reason::FarCsNull, 0)},
        {"selector beyond the GDT", [](Guest&, CpuState&, FarPointer& t) { t.selector = kBeyond | 3; },
         exception(13, Reason::FarBeyondTable, kBeyond)},
        {"upper half beyond the GDT", [](Guest&, CpuState& s, FarPointer&) { s.gdtr.limit = Guest::kGdtLimit - 1; },
         exception(13, Reason::FarBeyondTable, Guest::kSpare)},
        {"the TSS", [](Guest&, CpuState&, FarPointer& t) { t.selector = Guest::kTssSelector; },
         exception(13, Reason::FarNotCodeOrGate, Guest::kTssSelector)},
        {"gate's selector null",
         [](Guest& g, CpuState&, FarPointer&) {
             g.set_descriptor(Guest::kSpare, g.descriptor(Guest::kSpare) & ~0xffff'0000ull);
         },
         exception(13, Reason::CallGateCsNull, 0)},
        {"gate's selector beyond the GDT",
         [](Guest& g, CpuState&, FarPointer&) {
             g.set_descriptor(Guest::kSpare, g.descriptor(Guest::kSpare) | std::uint64_t{kBeyond} << 16);
         },
         exception(13, Reason::CallGateCsBeyondTable, kBeyond)},
        {"gate's entry not canonical",
         [](Guest& g, CpuState&, FarPointer&) { g.set_descriptor(Guest::kSpare2, 0x8000); },
         exception(13, Reason::CallGateEntryNonCanonical, 0)},
        {"offset not canonical", [](Guest&, CpuState&, FarPointer& t) { t = {kHole, Guest::kUserCode}; },
         exception(13, Reason::FarTargetNonCanonical, 0)},
        {"TSS too short", [](Guest&, CpuState& s, FarPointer&) { s.tr.limit = 10; },
         exception(10, Reason::CallGateStackBeyondTss, 0x28), false},
        {"TSS not mapped", [](Guest&, CpuState& s, FarPointer&) { s.tr.base = 0x40'0000; },
         page_fault_at(0x40'0004, Reason::PageNotPresent, 0), false},
        {"RSP0 not canonical", [](Guest& g, CpuState&, FarPointer&) { g.set_tss_stack(4, kHole + 8); },
         exception(12, Reason::StackNonCanonical, 0), false},
        {"stack not mapped", [](Guest& g, CpuState&, FarPointer&) { g.unmap(Guest::kRsp0 - 8); },
         page_fault_at(Guest::kRsp0 - 8, Reason::PageNotPresent, 2), false},
        {"stack across two pages",
         [](Guest& g, CpuState&, FarPointer&) {
             g.set_tss_stack(4, 0x18010);
             g.unmap(0x17000);
         },
         page_fault_at(0x17ff8, Reason::PageNotPresent, 2), false},
        {"stack in user memory", [](Guest& g, CpuState&, FarPointer&) { g.set_tss_stack(4, Guest::kUserStack); },
         page_fault_at(Guest::kUserStack - 8, Reason::PageSmap, 3), false},
        {"own stack not canonical",
         [](Guest&, CpuState& s, FarPointer& t) {
             t = {0x4000, Guest::kUserCode};
             s[Gpr::Rsp] = kHole + 8;
         },
         exception(12, Reason::StackNonCanonical, 0), false},
        {"own stack above the hole",
         [](Guest&, CpuState& s, FarPointer& t) {
             t = {0x4000, Guest::kUserCode};
             s[Gpr::Rsp] = 0xffff'8000'0000'0008;
         },
         exception(12, Reason::StackNonCanonical, 0), false},
        {"compatibility mode", [](Guest&, CpuState& s, FarPointer&) { s.cs.attributes = 0x00c0'fb00; },
         no_answer(Reason::ModeUnmodelled)},
    };
    for (const Defect& defect : defects) {
        SCOPED_TRACE(defect.name);
        guest = Guest{};
        set_gate(CallGate::to(kEntry, Guest::kKernelCode, arch::Ring::User));
        before = guest.ring_3();
        FarPointer target{0, Guest::kSpare};
        defect.damage(guest, before, target);
        const std::vector<std::byte> ram = guest.ram();
        EXPECT_EQ(fault_of(call(target)), defect.fault);
        EXPECT_EQ(guest.ram(), ram) << "nothing is pushed";
        if (defect.of_jump) {
            guest.set_descriptor(Guest::kKernelCode, guest.descriptor(Guest::kKernelCode) | 3ull << 45);
            EXPECT_EQ(fault_of(jump(target)), defect.fault);
        }
    }
}

TEST_F(FarTransfer, NeedsTheStackPointerOfTheInnerRingAloneInTheTss)
{
    set_gate(CallGate::to(kEntry, Guest::kKernelCode, arch::Ring::User));
    before = guest.ring_3();
    before.tr.limit = 11;
    EXPECT_TRUE(call({0, Guest::kSpare}));
}

TEST_F(FarTransfer, LooksAtTheStackBeforeTheTarget)
{
    before[Gpr::Rsp] = kHole + 8;
    EXPECT_EQ(fault_of(call({kHole, Guest::kKernelCode})), exception(12, Reason::StackNonCanonical, 0));
}

} // namespace
} // namespace ringcheck::model
