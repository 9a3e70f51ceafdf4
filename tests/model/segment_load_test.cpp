// SPDX-License-Identifier: MIT
// Loads of segment registers: every descriptor, RPL and CPL against a predicate written from the manual's prose, null
// selectors by vendor, and the shadow of MOV SS.  [SDM 2B MOV, POP; SDM 2A LDS/LES/LFS/LGS/LSS]
#include "model/segment_load.h"
#include "support/cpu_state_matchers.h"
#include "support/model_guest.h"

namespace ringcheck::model {
namespace {

using arch::SegmentDescriptor;
using Guest = ModelGuest;

/// A descriptor unpacked from a counter, and who loads it with which selector.
struct Case {
    bool system, code, conforming_or_down, readable_or_writable;
    unsigned dpl, rpl, cpl;
    bool present;
};

constexpr unsigned kCases = 16 * 4 * 4 * 4 * 2;

Case unpack(unsigned number)
{
    const auto take = [&number](unsigned count) {
        const unsigned value = number % count;
        number /= count;
        return value;
    };
    return {take(2) != 0, take(2) != 0, take(2) != 0, take(2) != 0, take(4), take(4), take(4), take(2) != 0};
}

std::uint64_t descriptor_of(const Case& c)
{
    const std::uint64_t type =
        1u | (c.readable_or_writable ? 2u : 0) | (c.conforming_or_down ? 4u : 0) | (c.code ? 8u : 0);
    return 0x00cf'0000'0000'ffff | type << 40 | (c.system ? 0 : 1ull << 44) | std::uint64_t{c.dpl} << 45 |
           (c.present ? 1ull << 47 : 0);
}

/// The fault that loading it into SS raises.
Fault expected_for_stack(const Case& c)
{
    constexpr std::uint32_t kError = Guest::kSpare;
    if (c.rpl != c.cpl) {
        return exception(13, Reason::LoadSsRpl, kError);
    }
    if (c.system || c.code || !c.readable_or_writable) {
        return exception(13, Reason::LoadSsNotWritableData, kError);
    }
    if (c.dpl != c.cpl) {
        return exception(13, Reason::LoadSsDpl, kError);
    }
    return c.present ? Fault{} : exception(12, Reason::LoadSsNotPresent, kError);
}

/// The fault that loading it into DS, ES, FS or GS raises.
Fault expected_for_data(const Case& c)
{
    constexpr std::uint32_t kError = Guest::kSpare;
    const bool execute_only = c.code && !c.readable_or_writable;
    if (c.system || execute_only) {
        return exception(13, Reason::LoadDataNotReadable, kError);
    }
    const bool any_ring = c.code && c.conforming_or_down;
    if (!any_ring && (c.rpl > c.dpl || c.cpl > c.dpl)) {
        return exception(13, Reason::LoadDataDpl, kError);
    }
    return c.present ? Fault{} : exception(11, Reason::LoadDataNotPresent, kError);
}

class SegmentLoad : public testing::Test {
protected:
    std::expected<CpuState, Fault> load(SegmentName which, std::uint16_t selector, Vendor vendor = Vendor::Intel)
    {
        return load_segment_register(before, guest.memory(), which, selector, vendor);
    }

    Guest guest;
    CpuState before = guest.ring_0();
};

TEST_F(SegmentLoad, AgreesWithTheManualForEveryDescriptorSelectorAndRing)
{
    unsigned allowed = 0;
    for (unsigned number = 0; number != kCases; ++number) {
        const Case c = unpack(number);
        guest.set_descriptor(Guest::kSpare, descriptor_of(c));
        before.cpl = static_cast<std::uint8_t>(c.cpl);
        const auto selector = static_cast<std::uint16_t>(Guest::kSpare | c.rpl);
        for (const SegmentName name :
             {SegmentName::Es, SegmentName::Ss, SegmentName::Ds, SegmentName::Fs, SegmentName::Gs}) {
            const Fault expected = name == SegmentName::Ss ? expected_for_stack(c) : expected_for_data(c);
            ASSERT_EQ(fault_of(load(name, selector)), expected) << "case " << number;
            allowed += expected == Fault{} ? 1 : 0;
        }
    }
    EXPECT_EQ(allowed, 4 * (5 * 30 + 64) + 4 * 2) << "four data registers, and SS";
}

TEST_F(SegmentLoad, ChangesTheOneRegisterAndNothingElse)
{
    constexpr SegmentRegister kExpected{Guest::kSpare | 3, 0x1234'5678, 0xffff'ffff, 0x00c0'f300};
    guest.set_descriptor(Guest::kSpare, 0x12cf'f334'5678'ffff);
    SegmentRegister CpuState::* const registers[] = {&CpuState::es, nullptr,       &CpuState::ss,
                                                     &CpuState::ds, &CpuState::fs, &CpuState::gs};
    before.cpl = 3;
    for (unsigned number = 0; number != 6; ++number) {
        if (registers[number] == nullptr) {
            continue;
        }
        CpuState expected = before;
        expected.*registers[number] = kExpected;
        const auto after = load(static_cast<SegmentName>(number), kExpected.selector);
        ASSERT_TRUE(after) << to_string(after.error());
        EXPECT_TRUE(same_state(*after, expected)) << "register " << number;
    }
}

TEST_F(SegmentLoad, SetsTheAccessedBitOnce)
{
    const std::uint64_t used = guest.descriptor(Guest::kUserData);
    guest.set_descriptor(Guest::kUserData, used & ~SegmentDescriptor::kAccessed);
    const auto after = load(SegmentName::Ds, Guest::kUserData);
    ASSERT_TRUE(after);
    EXPECT_EQ(hex(guest.descriptor(Guest::kUserData)), hex(used));
    EXPECT_EQ(after->ds, guest.loaded(Guest::kUserData));
    guest.set_page_entry(Guest::kGdt, guest.page_entry(Guest::kGdt) & ~arch::PageEntry::kWritable);
    EXPECT_TRUE(load(SegmentName::Es, Guest::kUserData));
    guest.set_descriptor(Guest::kUserData, used & ~SegmentDescriptor::kAccessed);
    EXPECT_EQ(fault_of(load(SegmentName::Es, Guest::kUserData)),
              page_fault_at(Guest::kGdt + 0x18, Reason::PageSupervisorWriteToReadOnly, 3));
}

TEST_F(SegmentLoad, RefusesSelectorsBeyondTheirTable)
{
    constexpr std::uint16_t kBeyond = Guest::kGdtLimit + 1;
    EXPECT_EQ(fault_of(load(SegmentName::Ss, kBeyond)), exception(13, Reason::LoadSsBeyondTable, kBeyond));
    EXPECT_EQ(fault_of(load(SegmentName::Gs, kBeyond | 2)), exception(13, Reason::LoadDataBeyondTable, kBeyond));
    EXPECT_EQ(fault_of(load(SegmentName::Gs, 0x0c)), exception(13, Reason::LoadDataBeyondTable, 0x0c)) << "no LDT";
    before.gdtr.base = 0x40'0000;
    EXPECT_EQ(fault_of(load(SegmentName::Gs, Guest::kUserData)), page_fault_at(0x40'0018, Reason::PageNotPresent, 0));
}

TEST_F(SegmentLoad, HasNoCsAndNoSeventhRegister)
{
    EXPECT_EQ(fault_of(load(SegmentName::Cs, Guest::kKernelCode)), exception(6, Reason::SegmentLoadCs));
    EXPECT_EQ(fault_of(load(SegmentName{6}, 0)), exception(6, Reason::SegmentLoadUnknown));
    EXPECT_EQ(fault_of(load(SegmentName{7}, 0)), exception(6, Reason::SegmentLoadUnknown));
}

TEST_F(SegmentLoad, MakesDataSegmentsUnusableByANullSelectorAndClearsTheBaseOnIntelOnly)
{
    before.fs = {Guest::kUserData, 0x5000, 0xfff, 0x00c0'f300};
    for (std::uint16_t selector = 0; selector != 4; ++selector) {
        for (std::uint8_t cpl = 0; cpl != 4; ++cpl) {
            before.cpl = cpl;
            CpuState expected = before;
            expected.fs = {selector, 0, 0, 0};
            const auto intel = load(SegmentName::Fs, selector);
            ASSERT_TRUE(intel);
            EXPECT_TRUE(same_state(*intel, expected));
            expected.fs = {selector, 0x5000, 0xfff, 0};
            const auto amd = load(SegmentName::Fs, selector, Vendor::Amd);
            ASSERT_TRUE(amd);
            EXPECT_TRUE(same_state(*amd, expected));
        }
    }
}

TEST_F(SegmentLoad, AllowsANullStackSegmentOnlyInsideRing3AndIn64BitMode)
{
    for (std::uint16_t selector = 0; selector != 4; ++selector) {
        for (std::uint8_t cpl = 0; cpl != 4; ++cpl) {
            for (const bool wide : {false, true}) {
                before.cpl = cpl;
                before.cs.attributes = wide ? 0x0020'9b00 : 0x00c0'9b00;
                const bool never = cpl == 3 || !wide;
                const Fault on_intel = never             ? exception(13, Reason::LoadSsNull, 0)
                                       : selector != cpl ? exception(13, Reason::LoadSsNullRpl, 0)
                                                         : Fault{};
                EXPECT_EQ(fault_of(load(SegmentName::Ss, selector)), on_intel);
                EXPECT_EQ(fault_of(load(SegmentName::Ss, selector, Vendor::Amd)),
                          never ? exception(13, Reason::LoadSsNull, 0) : Fault{});
            }
        }
    }
}

TEST_F(SegmentLoad, CastsAShadowByMovToSsAloneAndOnlyByTheFirstOfTwo)
{
    const auto mov = [this](const CpuState& state, SegmentName which, std::uint16_t selector) {
        return mov_to_segment(state, guest.memory(), which, selector, Vendor::Intel).value_or(CpuState{});
    };
    CpuState expected = before;
    expected.interrupt_shadow = true;
    expected.mov_ss_shadow = true;
    const CpuState first = mov(before, SegmentName::Ss, Guest::kKernelData);
    EXPECT_TRUE(same_state(first, expected));
    EXPECT_TRUE(same_state(mov(first, SegmentName::Ss, Guest::kKernelData), before)) << "the second";
    EXPECT_FALSE(mov(first, SegmentName::Ds, Guest::kKernelData).interrupt_shadow);
    EXPECT_FALSE(mov(before, SegmentName::Ds, Guest::kKernelData).mov_ss_shadow);
    CpuState behind_sti = before;
    behind_sti.interrupt_shadow = true;
    EXPECT_TRUE(mov(behind_sti, SegmentName::Ss, Guest::kKernelData).mov_ss_shadow);
}

TEST_F(SegmentLoad, PopsFsAndGsAloneIn64BitMode)
{
    before[Gpr::Rsp] = Guest::kKernelStack - 0x101; // stacks need no alignment
    guest.set_word(before[Gpr::Rsp], 0xaaaa'bbbb'cccc'0000 | Guest::kUserData);
    for (const OperandSize size : {OperandSize::Bits16, OperandSize::Bits64}) {
        CpuState expected = before;
        expected.gs = guest.loaded(Guest::kUserData);
        expected[Gpr::Rsp] += static_cast<unsigned>(size);
        before.mov_ss_shadow = true;
        const auto after = pop_segment(before, guest.memory(), SegmentName::Gs, size, Vendor::Intel);
        before.mov_ss_shadow = false;
        ASSERT_TRUE(after);
        EXPECT_TRUE(same_state(*after, expected));
    }
    for (const SegmentName name : {SegmentName::Es, SegmentName::Ss, SegmentName::Ds}) {
        EXPECT_EQ(fault_of(pop_segment(before, guest.memory(), name, OperandSize::Bits64, Vendor::Intel)),
                  exception(6, Reason::SegmentPopIn64BitMode));
    }
    guest.set_word(before[Gpr::Rsp], 0x48);
    EXPECT_EQ(fault_of(pop_segment(before, guest.memory(), SegmentName::Fs, OperandSize::Bits64, Vendor::Intel)),
              exception(13, Reason::LoadDataBeyondTable, 0x48));
    before[Gpr::Rsp] = 1ull << 47;
    EXPECT_EQ(fault_of(pop_segment(before, guest.memory(), SegmentName::Fs, OperandSize::Bits64, Vendor::Intel)),
              exception(12, Reason::StackNonCanonical, 0));
    before.cs.attributes = 0x00c0'9b00;
    EXPECT_EQ(fault_of(pop_segment(before, guest.memory(), SegmentName::Fs, OperandSize::Bits64, Vendor::Intel)).reason,
              Reason::ModeUnmodelled);
}

TEST_F(SegmentLoad, LoadsPointersWithTheirRegisterAndNoShadow)
{
    constexpr std::uint64_t kOperand = 0x9003;
    guest.set_word(kOperand, 0x1122'3344'5566'7788);
    guest.set_word(kOperand + 8, Guest::kKernelData);
    const auto pointer = read_far_pointer(before, guest.memory(), kOperand, OperandSize::Bits64);
    ASSERT_TRUE(pointer);
    EXPECT_EQ(*pointer, (FarPointer{0x1122'3344'5566'7788, Guest::kKernelData}));
    const auto narrow = read_far_pointer(before, guest.memory(), kOperand, OperandSize::Bits32);
    ASSERT_TRUE(narrow);
    EXPECT_EQ(*narrow, (FarPointer{0x5566'7788, 0x3344}));

    const std::uint64_t written[] = {(before[Gpr::Rdx] & ~0xffffull) | 0x7788, 0x5566'7788, 0x1122'3344'5566'7788};
    const OperandSize sizes[] = {OperandSize::Bits16, OperandSize::Bits32, OperandSize::Bits64};
    for (unsigned i = 0; i != 3; ++i) {
        const std::uint64_t mask = ~std::uint64_t{0} >> (64 - 8 * static_cast<unsigned>(sizes[i]));
        CpuState expected = before;
        expected.ss = guest.loaded(Guest::kKernelData);
        expected[Gpr::Rdx] = written[i];
        const auto after = load_far_pointer(before, guest.memory(), SegmentName::Ss, Gpr::Rdx,
                                            {pointer->offset & mask, pointer->selector}, sizes[i], Vendor::Intel);
        ASSERT_TRUE(after);
        EXPECT_TRUE(same_state(*after, expected));
    }
    EXPECT_EQ(
        fault_of(load_far_pointer(before, guest.memory(), SegmentName::Ss, Gpr::Rdx, {0, 3}, sizes[2], Vendor::Intel)),
        exception(13, Reason::LoadSsNullRpl, 0));
    EXPECT_EQ(far_operand_size(OperandSize::Bits64, Vendor::Intel), OperandSize::Bits64);
    EXPECT_EQ(far_operand_size(OperandSize::Bits64, Vendor::Amd), OperandSize::Bits32);
    EXPECT_EQ(far_operand_size(OperandSize::Bits16, Vendor::Amd), OperandSize::Bits16);
}

} // namespace
} // namespace ringcheck::model
