// SPDX-License-Identifier: MIT
// Far RET in 64-bit mode: each defect of a frame by its own rule, what a return changes, both stacks.  [SDM 2B RET]
#include "support/far_transfer_guest.h"

#include <functional>

namespace ringcheck::model {
namespace {

using arch::CallGate;

class FarReturn : public FarTransferGuest {};

TEST_F(FarReturn, GoesToAConformingSegmentOfTheRingOrAnInnerOne)
{
    before.cpl = 1;
    for (std::uint64_t dpl = 0; dpl != 4; ++dpl) {
        guest.set_descriptor(Guest::kSpare, guest.descriptor(Guest::kKernelCode) | 4ull << 40 | dpl << 45);
        push_return(0x4000, Guest::kSpare | 1);
        EXPECT_EQ(fault_of(ret()), dpl > 1 ? exception(13, Reason::RetCsConformingDpl, Guest::kSpare) : Fault{});
    }
}

TEST_F(FarReturn, GoesWithinTheRingAndReleasesParameters)
{
    for (const unsigned size : {2u, 4u, 8u}) {
        push_return(0x1234, Guest::kKernelCode, 0, 0, size);
        before.interrupt_shadow = true;
        before.nmi_blocked = true;
        CpuState expected = before;
        expected.rip = 0x1234;
        expected[Gpr::Rsp] += 2 * size + 0x18;
        expected.interrupt_shadow = false;
        const auto after = ret(static_cast<OperandSize>(size), 0x18);
        ASSERT_TRUE(after) << to_string(after.error());
        EXPECT_TRUE(same_state(*after, expected));
    }
}

TEST_F(FarReturn, GoesToAnOuterRingAndReleasesParametersFromBothStacks)
{
    for (const unsigned size : {4u, 8u}) {
        push_return(0x20456, Guest::kUserCode, Guest::kUserStack - 0x80, Guest::kUserData, size, 0x10);
        before.ds = guest.loaded(Guest::kKernelData);
        before.es = {0, 0, 0xffff'ffff, 0x00c0'9300}; // null by its selector: there is nothing to drop
        CpuState expected = before;
        expected.rip = 0x20456;
        expected.cs = guest.loaded(Guest::kUserCode);
        expected.ss = guest.loaded(Guest::kUserData);
        expected.cpl = 3;
        expected[Gpr::Rsp] = Guest::kUserStack - 0x70;
        expected.ds.selector = 0;
        expected.ds.attributes = 0;
        const auto after = ret(static_cast<OperandSize>(size), 0x10);
        ASSERT_TRUE(after) << to_string(after.error());
        EXPECT_TRUE(same_state(*after, expected));
    }
}

TEST_F(FarReturn, UndoesACallThroughAGate)
{
    set_gate(CallGate::to(kEntry, Guest::kKernelCode, arch::Ring::User));
    const CpuState user = guest.ring_3();
    before = user;
    const auto inside = call({0, Guest::kSpare});
    ASSERT_TRUE(inside);
    before = *inside;
    const auto after = ret();
    ASSERT_TRUE(after) << to_string(after.error());
    EXPECT_TRUE(same_state(*after, user));
}

TEST_F(FarReturn, GoesToCompatibilityModeWithTheStackWidthOfSs)
{
    guest.set_descriptor(Guest::kSpare, 0x00cf'fb00'0000'ffff);
    guest.set_descriptor(Guest::kSpare2, 0x008f'f300'0000'ffff);
    push_return(0x2'0456, Guest::kSpare | 3, 0xffff'ffff'0002'1000, Guest::kSpare2 | 3);
    const auto after = ret();
    ASSERT_TRUE(after) << to_string(after.error());
    EXPECT_EQ((*after)[Gpr::Rsp], (before[Gpr::Rsp] & ~0xffffull) | 0x1000);
    push_return(0xffff'ffff, Guest::kSpare | 3, 0, Guest::kSpare2 | 3);
    EXPECT_TRUE(ret());
    push_return(0x1'0000'0000, Guest::kSpare | 3, 0, Guest::kSpare2 | 3);
    EXPECT_EQ(fault_of(ret()), exception(13, Reason::RetEipBeyondLimit, 0));
    push_return(0x2'0456, Guest::kSpare | 3, 0, 0);
    EXPECT_EQ(fault_of(ret()), exception(13, Reason::RetSsNullToCompatibilityMode, 0));
}

TEST_F(FarReturn, GoesToAnOuterRingWithANullStackSegmentByItsVendorsRule)
{
    guest.set_descriptor(Guest::kSpare, guest.descriptor(Guest::kKernelCode) | 1ull << 45);
    for (std::uint64_t ss = 0; ss != 4; ++ss) {
        push_return(0x4000, Guest::kSpare | 1, 0x5000, ss);
        EXPECT_EQ(fault_of(ret(OperandSize::Bits64, 0, Vendor::Intel)),
                  ss == 1 ? Fault{} : exception(13, Reason::RetSsNullRpl, 0));
        EXPECT_EQ(fault_of(ret(OperandSize::Bits64, 0, Vendor::Amd)), Fault{});
    }
}

TEST_F(FarReturn, RefusesEachDefectOfItsFrameByItsOwnRuleAndErrorCode)
{
    struct Return {
        std::uint64_t rip = 0x20456, cs = Guest::kUserCode, rsp = Guest::kUserStack, ss = Guest::kUserData;
    };
    struct Defect {
        const char* name;
        std::function<void(Guest&, CpuState&, Return&)> damage;
        Fault fault;
    };
    constexpr std::uint16_t kBeyond = Guest::kGdtLimit + 1;
    const auto change = [](std::uint16_t selector, std::uint64_t set, std::uint64_t cleared = 0) {
        return [=](Guest& g, CpuState&, Return&) {
            g.set_descriptor(selector, (g.descriptor(selector) & ~cleared) | set);
        };
    };
    const Defect defects[] = {
        {"CS null", [](Guest&, CpuState&, Return& r) { r.cs = 3; }, exception(13, Reason::RetCsNull, 0)},
        {"CS beyond", [](Guest&, CpuState&, Return& r) { r.cs = kBeyond | 3; },
         exception(13, Reason::RetCsBeyondTable, kBeyond)},
        {"CS is data", [](Guest&, CpuState&, Return& r) { r.cs = Guest::kUserData; },
         exception(13, Reason::RetCsNotCode, 0x18)},
        {"CS inward",
         [](Guest& g, CpuState& s, Return& r) {
             s = g.ring_3();
             r.cs = Guest::kKernelCode;
         },
         exception(13, Reason::RetCsRplBelowCpl, 0x08)},
        {"CS conforming above RPL",
         [](Guest& g, CpuState&, Return& r) {
             g.set_descriptor(Guest::kUserCode, g.descriptor(Guest::kUserCode) | 4ull << 40);
             r.cs = 0x21;
         },
         exception(13, Reason::RetCsConformingDpl, 0x20)},
        {"CS has DPL 0", [](Guest&, CpuState&, Return& r) { r.cs = Guest::kKernelCode | 3; },
         exception(13, Reason::RetCsDpl, 0x08)},
        {"CS with L and D", change(Guest::kUserCode, 1ull << 54), exception(13, Reason::RetCsLongAndBig, 0x20)},
        {"CS not present", change(Guest::kUserCode, 0, 1ull << 47), exception(11, Reason::RetCsNotPresent, 0x20)},
        {"RIP not canonical", [](Guest&, CpuState&, Return& r) { r.rip = kHole; },
         exception(13, Reason::RetRipNonCanonical, 0)},
        {"SS null", [](Guest&, CpuState&, Return& r) { r.ss = 3; }, exception(13, Reason::RetSsNullToRing3, 0)},
        {"SS beyond", [](Guest&, CpuState&, Return& r) { r.ss = kBeyond | 3; },
         exception(13, Reason::RetSsBeyondTable, kBeyond)},
        {"SS with RPL 0", [](Guest&, CpuState&, Return& r) { r.ss = Guest::kUserData & ~3; },
         exception(13, Reason::RetSsRpl, 0x18)},
        {"SS read-only", change(Guest::kUserData, 0, 2ull << 40), exception(13, Reason::RetSsNotWritableData, 0x18)},
        {"SS has DPL 0", [](Guest&, CpuState&, Return& r) { r.ss = Guest::kKernelData | 3; },
         exception(13, Reason::RetSsDpl, 0x10)},
        {"SS not present", change(Guest::kUserData, 0, 1ull << 47), exception(12, Reason::RetSsNotPresent, 0x18)},
        {"SS and RIP", [](Guest&, CpuState&, Return& r) { r = {kHole, Guest::kUserCode, 0, 0}; },
         exception(13, Reason::RetSsNullToRing3, 0)},
        {"compatibility mode", [](Guest&, CpuState& s, Return&) { s.cs.attributes = 0x00c0'9b00; },
         no_answer(Reason::ModeUnmodelled)},
    };
    for (const Defect& defect : defects) {
        SCOPED_TRACE(defect.name);
        guest = Guest{};
        before = guest.ring_0();
        Return frame;
        defect.damage(guest, before, frame);
        push_return(frame.rip, frame.cs, frame.rsp, frame.ss);
        EXPECT_EQ(fault_of(ret()), defect.fault);
    }
}

TEST_F(FarReturn, FaultsOnAStackThatCannotBeRead)
{
    before[Gpr::Rsp] = kHole - 8;
    EXPECT_EQ(fault_of(ret()), exception(12, Reason::StackNonCanonical, 0));
    before[Gpr::Rsp] = 0x40'0000;
    EXPECT_EQ(fault_of(ret()), page_fault_at(0x40'0000, Reason::PageNotPresent, 0));
    before[Gpr::Rsp] = 0x17ff0; // the outer stack pointer lies in the next page
    push_return(0x20456, Guest::kUserCode);
    guest.unmap(0x18000);
    EXPECT_EQ(fault_of(ret()), page_fault_at(0x18000, Reason::PageNotPresent, 0));
}

} // namespace
} // namespace ringcheck::model
