// SPDX-License-Identifier: MIT
// IRET from 64-bit mode: what it changes, and each way in which its frame can be refused.
// [SDM 2A IRET/IRETD/IRETQ "Operation", "64-Bit Mode Exceptions"]
#include "model/iret.h"
#include "support/cpu_state_matchers.h"
#include "support/model_guest.h"

#include <functional>

namespace ringcheck::model {
namespace {

using arch::SegmentDescriptor;
using Guest = ModelGuest;

struct Frame {
    std::uint64_t rip = 0x20456, cs = Guest::kUserCode, rflags = 0x202, rsp = Guest::kUserStack - 0x40,
                  ss = Guest::kUserData;
};

class IretInstruction : public testing::Test {
protected:
    void push(const Frame& frame, unsigned word_bytes = 8)
    {
        const std::uint64_t words[] = {frame.rip, frame.cs, frame.rflags, frame.rsp, frame.ss};
        std::uint64_t address = before[Gpr::Rsp];
        for (const std::uint64_t word : words) {
            std::memcpy(guest.memory().at(arch::PhysAddr{address}, word_bytes), &word, word_bytes);
            address += word_bytes;
        }
    }
    std::expected<CpuState, Fault> run(const Frame& frame, Vendor vendor = Vendor::Intel)
    {
        push(frame);
        return iret(before, guest.memory(), OperandSize::Bits64, vendor);
    }

    Guest guest;
    CpuState before = guest.ring_0();
};

TEST_F(IretInstruction, ReturnsToRing3AndChangesNothingElse)
{
    before.nmi_blocked = true;
    before.interrupt_shadow = true;
    const Frame frame;
    CpuState expected = before;
    expected.rip = frame.rip;
    expected.cs = guest.loaded(Guest::kUserCode);
    expected.rflags = frame.rflags;
    expected[Gpr::Rsp] = frame.rsp;
    expected.ss = guest.loaded(Guest::kUserData);
    expected.cpl = 3;
    expected.nmi_blocked = false;
    expected.interrupt_shadow = false;
    const auto after = run(frame);
    ASSERT_TRUE(after) << to_string(after.error());
    EXPECT_TRUE(same_state(*after, expected));
}

TEST_F(IretInstruction, PopsTheStackPointerAlsoInAReturnToTheSameRing)
{
    const Frame frame{.rip = 0xffff'ffff'8000'0001, .cs = Guest::kKernelCode, .rsp = 0x1234'5678'9abc'def1, .ss = 0};
    CpuState expected = before;
    expected.rip = frame.rip;
    expected.rflags = frame.rflags;
    expected[Gpr::Rsp] = frame.rsp; // odd and not canonical: IRET does not look at it
    expected.ss = SegmentRegister{};
    const auto after = run(frame);
    ASSERT_TRUE(after) << to_string(after.error());
    EXPECT_TRUE(same_state(*after, expected));
}

TEST_F(IretInstruction, WorksInRing3AndCannotRaiseIoplOrChangeIf)
{
    before = guest.ring_3();
    const Frame frame{.rflags = 0x3000};
    const auto after = run(frame);
    ASSERT_TRUE(after) << to_string(after.error());
    EXPECT_EQ(after->rflags, 0x202u);
    EXPECT_EQ(after->rip, frame.rip);
}

TEST_F(IretInstruction, TakesEachFlagThatTheRingMayChangeAndNoOther)
{
    constexpr std::uint64_t kAlways = 0x25'4dd5; // CF PF AF ZF SF TF DF OF NT RF AC ID
    unsigned cases = 0;
    for (const unsigned cpl : {0u, 3u}) {
        for (std::uint64_t iopl = 0; iopl != 4; ++iopl) {
            std::uint64_t may = kAlways;
            may |= cpl <= iopl ? 1u << 9 : 0;
            may |= cpl == 0 ? 0x3000u | 1u << 19 | 1u << 20 : 0;
            for (const unsigned size : {2u, 4u, 8u}) {
                for (unsigned position = 0; position != 8 * size; ++position) {
                    for (const bool old_value : {false, true}) {
                        before = cpl == 0 ? guest.ring_0() : guest.ring_3();
                        const std::uint64_t bit = std::uint64_t{1} << position;
                        const std::uint64_t others = old_value ? 0x003f'3fd7 & ~std::uint64_t{1 << 17} : 2;
                        before.rflags = (others & ~std::uint64_t{0x3000}) | iopl << 12;
                        const Frame frame{.rip = 0x20456,
                                          .cs = cpl == 0 ? Guest::kKernelCode : Guest::kUserCode,
                                          .rflags = bit,
                                          .ss = cpl == 0 ? Guest::kKernelData : Guest::kUserData};
                        push(frame, size);
                        const auto after = iret(before, guest.memory(), static_cast<OperandSize>(size), Vendor::Intel);
                        ASSERT_TRUE(after) << to_string(after.error());
                        const std::uint64_t reachable = size == 2 ? may & 0xffff : may;
                        ASSERT_EQ(hex(after->rflags), hex((before.rflags & ~reachable) | (bit & reachable) | 2))
                            << "cpl " << cpl << " iopl " << iopl << " size " << size << " bit " << position;
                        ++cases;
                    }
                }
            }
        }
    }
    EXPECT_EQ(cases, 2u * 4 * (16 + 32 + 64) * 2);
}

TEST_F(IretInstruction, PopsFiveWordsOfTheOperandSize)
{
    const Frame frame;
    push(frame, 4);
    const auto after = iret(before, guest.memory(), OperandSize::Bits32, Vendor::Intel);
    ASSERT_TRUE(after) << to_string(after.error());
    EXPECT_EQ(after->rip, frame.rip);
    EXPECT_EQ((*after)[Gpr::Rsp], frame.rsp);
    EXPECT_EQ(after->ss.selector, Guest::kUserData);
    push(frame, 2);
    const auto short_after = iret(before, guest.memory(), OperandSize::Bits16, Vendor::Intel);
    ASSERT_TRUE(short_after) << to_string(short_after.error());
    EXPECT_EQ(short_after->rip, frame.rip & 0xffff);
    EXPECT_EQ((*short_after)[Gpr::Rsp], frame.rsp & 0xffff);
}

TEST_F(IretInstruction, SetsTheAccessedBitOfWhatItLoads)
{
    const std::uint64_t code = guest.descriptor(Guest::kUserCode), data = guest.descriptor(Guest::kUserData);
    guest.set_descriptor(Guest::kUserCode, code & ~SegmentDescriptor::kAccessed);
    guest.set_descriptor(Guest::kUserData, data & ~SegmentDescriptor::kAccessed);
    const auto after = run({});
    ASSERT_TRUE(after);
    EXPECT_EQ(hex(guest.descriptor(Guest::kUserCode)), hex(code));
    EXPECT_EQ(hex(guest.descriptor(Guest::kUserData)), hex(data));
    EXPECT_EQ(after->cs, guest.loaded(Guest::kUserCode));
    EXPECT_EQ(after->ss, guest.loaded(Guest::kUserData));
}

TEST_F(IretInstruction, FaultsWhenTheAccessedBitCannotBeSet)
{
    guest.set_page_entry(Guest::kGdt, guest.page_entry(Guest::kGdt) & ~arch::PageEntry::kWritable);
    EXPECT_TRUE(run({})) << "it is set already";
    guest.set_descriptor(Guest::kUserCode, guest.descriptor(Guest::kUserCode) & ~SegmentDescriptor::kAccessed);
    EXPECT_EQ(fault_of(run({})), page_fault_at(Guest::kGdt + 0x20, Reason::PageSupervisorWriteToReadOnly, 3));
}

TEST_F(IretInstruction, DropsDataSegmentsThatRing3MayNotUse)
{
    before.ds = guest.loaded(Guest::kKernelData);
    before.es = guest.loaded(Guest::kUserData);
    before.fs = {Guest::kKernelCode, 0x1234, 0xfff, 0x0020'9b00}; // non-conforming code, DPL 0
    before.gs.base = 0x5678;                                      // null selector with a base by WRMSR
    CpuState expected = before;
    expected.ds.selector = 0;
    expected.ds.attributes = 0;
    expected.fs.selector = 0;
    expected.fs.attributes = 0;
    const auto after = run({});
    ASSERT_TRUE(after);
    StateDifference difference;
    difference.compare("ds", after->ds, expected.ds);
    difference.compare("es", after->es, expected.es);
    difference.compare("fs", after->fs, expected.fs);
    difference.compare("gs", after->gs, expected.gs);
    EXPECT_EQ(difference.text(), "");
}

TEST_F(IretInstruction, KeepsDataSegmentsInTheSameRingAndConformingCodeInAnyRing)
{
    before.ds = guest.loaded(Guest::kKernelData);
    before.es = {Guest::kKernelCode, 0, 0xfff, 0x0020'9f00}; // conforming code, DPL 0
    const auto same_ring = run({.cs = Guest::kKernelCode, .ss = Guest::kKernelData});
    ASSERT_TRUE(same_ring);
    EXPECT_EQ(same_ring->ds, before.ds);
    const auto outer_ring = run({});
    ASSERT_TRUE(outer_ring);
    EXPECT_EQ(outer_ring->es, before.es);
}

TEST_F(IretInstruction, ReturnsToCompatibilityModeWithTheStackWidthOfSs)
{
    constexpr std::uint64_t kCode32 = 0x00cf'fb00'0000'ffff, kStack32 = 0x00cf'f300'0000'ffff,
                            kStack16 = 0x008f'f300'0000'ffff;
    guest.set_descriptor(Guest::kSpare, kCode32);
    guest.set_descriptor(Guest::kSpare2, kStack32);
    const Frame frame{.rip = 0x2'0456, .cs = Guest::kSpare | 3, .rsp = 0xffff'ffff'0002'1000, .ss = Guest::kSpare2 | 3};
    const auto wide = run(frame);
    ASSERT_TRUE(wide) << to_string(wide.error());
    EXPECT_FALSE(wide->in_64_bit_mode());
    EXPECT_EQ((*wide)[Gpr::Rsp], 0x2'1000u);
    EXPECT_EQ(wide->cs, (SegmentRegister{Guest::kSpare | 3, 0, 0xffff'ffff, 0x00c0'fb00}));

    guest.set_descriptor(Guest::kSpare2, kStack16);
    const auto narrow = run(frame);
    ASSERT_TRUE(narrow);
    EXPECT_EQ((*narrow)[Gpr::Rsp], (before[Gpr::Rsp] & ~0xffffull) | 0x1000) << "the kernel's upper bits leak";

    EXPECT_EQ(fault_of(run({.rip = 0x1'0000'0000, .cs = frame.cs, .ss = frame.ss})),
              exception(13, Reason::IretEipBeyondLimit, 0));
    EXPECT_EQ(fault_of(run({.cs = frame.cs, .ss = 3})), exception(13, Reason::IretSsNullToCompatibilityMode, 0));
}

/// One defect of an otherwise good return to ring 3.
struct Defect {
    const char* name;
    std::function<void(Guest&, CpuState&, Frame&)> damage;
    Fault fault;
};

std::uint64_t user_code_with(std::uint64_t set, std::uint64_t cleared = 0)
{
    return ((SegmentDescriptor::code(arch::Ring::User).raw() | SegmentDescriptor::kAccessed) & ~cleared) | set;
}

std::uint64_t user_data_with(std::uint64_t set, std::uint64_t cleared = 0)
{
    return ((SegmentDescriptor::data(arch::Ring::User).raw() | SegmentDescriptor::kAccessed) & ~cleared) | set;
}

TEST_F(IretInstruction, RefusesEachDefectByItsOwnRuleAndErrorCode)
{
    constexpr std::uint64_t kDplBits = SegmentDescriptor::kDpl.mask();
    constexpr std::uint64_t kConforming = SegmentDescriptor::kType.put(SegmentDescriptor::kTypeConforming);
    constexpr std::uint16_t kBeyond = Guest::kGdtLimit + 1;
    const Defect defects[] = {
        {"NT", [](Guest&, CpuState& s, Frame&) { s.rflags |= 1 << 14; }, exception(13, Reason::IretNestedTask, 0)},
        {"CS null", [](Guest&, CpuState&, Frame& f) { f.cs = 0; }, exception(13, Reason::IretCsNull, 0)},
        {"CS null with RPL 3", [](Guest&, CpuState&, Frame& f) { f.cs = 3; }, exception(13, Reason::IretCsNull, 0)},
        {"RIP not canonical", [](Guest&, CpuState&, Frame& f) { f.rip = 1ull << 47; },
         exception(13, Reason::IretRipNonCanonical, 0)},
        {"CS beyond the GDT", [](Guest&, CpuState&, Frame& f) { f.cs = kBeyond | 3; },
         exception(13, Reason::IretCsBeyondTable, kBeyond)},
        {"CS cut by the GDT limit", [](Guest&, CpuState& s, Frame&) { s.gdtr.limit = Guest::kUserCode - 3 + 6; },
         exception(13, Reason::IretCsBeyondTable, 0x20)},
        {"CS in an LDT that is not loaded",
         [](Guest& g, CpuState& s, Frame& f) {
             g.set_word(Guest::kLdt + 8, g.descriptor(Guest::kUserCode));
             s.ldtr = {0, Guest::kLdt, 0xffff, 0}; // null: what base and limit hold does not count
             f.cs = 0x0f;
         },
         exception(13, Reason::IretCsBeyondTable, 0x0c)},
        {"CS is a data segment", [](Guest&, CpuState&, Frame& f) { f.cs = Guest::kUserData; },
         exception(13, Reason::IretCsNotCode, 0x18)},
        {"CS is the TSS", [](Guest&, CpuState&, Frame& f) { f.cs = Guest::kTssSelector | 3; },
         exception(13, Reason::IretCsNotCode, 0x28)},
        {"CS inward",
         [](Guest& g, CpuState& s, Frame& f) {
             s = g.ring_3();
             f.cs = Guest::kKernelCode;
         },
         exception(13, Reason::IretCsRplBelowCpl, 0x08)},
        {"CS has DPL 0, RPL 3", [](Guest&, CpuState&, Frame& f) { f.cs = Guest::kKernelCode | 3; },
         exception(13, Reason::IretCsDpl, 0x08)},
        {"CS has DPL 3, RPL 0", [](Guest&, CpuState&, Frame& f) { f.cs = Guest::kUserCode & ~3; },
         exception(13, Reason::IretCsDpl, 0x20)},
        {"CS conforming with DPL above RPL",
         [=](Guest& g, CpuState&, Frame& f) {
             g.set_descriptor(Guest::kUserCode, user_code_with(kConforming));
             f.cs = 0x20 | 1;
         },
         exception(13, Reason::IretCsConformingDpl, 0x20)},
        {"CS with L and D",
         [](Guest& g, CpuState&, Frame&) {
             g.set_descriptor(Guest::kUserCode, user_code_with(SegmentDescriptor::kDefaultSize));
         },
         exception(13, Reason::IretCsLongAndBig, 0x20)},
        {"CS not present",
         [](Guest& g, CpuState&, Frame&) {
             g.set_descriptor(Guest::kUserCode, user_code_with(0, SegmentDescriptor::kPresent));
         },
         exception(11, Reason::IretCsNotPresent, 0x20)},
        {"SS null", [](Guest&, CpuState&, Frame& f) { f.ss = 0; }, exception(13, Reason::IretSsNullToRing3, 0)},
        {"SS null with RPL 3", [](Guest&, CpuState&, Frame& f) { f.ss = 3; },
         exception(13, Reason::IretSsNullToRing3, 0)},
        {"SS null with RPL 3 to ring 0",
         [](Guest&, CpuState&, Frame& f) {
             f.cs = Guest::kKernelCode;
             f.ss = 3;
         },
         exception(13, Reason::IretSsNullRpl, 0)},
        {"SS beyond the GDT", [](Guest&, CpuState&, Frame& f) { f.ss = kBeyond | 3; },
         exception(13, Reason::IretSsBeyondTable, kBeyond)},
        {"SS in an LDT that is not loaded", [](Guest&, CpuState&, Frame& f) { f.ss = 0x17; },
         exception(13, Reason::IretSsBeyondTable, 0x14)},
        {"SS with RPL 0", [](Guest&, CpuState&, Frame& f) { f.ss = Guest::kUserData & ~3; },
         exception(13, Reason::IretSsRpl, 0x18)},
        {"SS with RPL 3 to ring 0", [](Guest&, CpuState&, Frame& f) { f.cs = Guest::kKernelCode; },
         exception(13, Reason::IretSsRpl, 0x18)},
        {"SS is code", [](Guest&, CpuState&, Frame& f) { f.ss = Guest::kUserCode; },
         exception(13, Reason::IretSsNotWritableData, 0x20)},
        {"SS is read-only",
         [](Guest& g, CpuState&, Frame&) {
             g.set_descriptor(Guest::kUserData,
                              user_data_with(0, SegmentDescriptor::kType.put(SegmentDescriptor::kTypeWritable)));
         },
         exception(13, Reason::IretSsNotWritableData, 0x18)},
        {"SS is the TSS", [](Guest&, CpuState&, Frame& f) { f.ss = Guest::kTssSelector | 3; },
         exception(13, Reason::IretSsNotWritableData, 0x28)},
        {"SS has DPL 0", [](Guest&, CpuState&, Frame& f) { f.ss = Guest::kKernelData | 3; },
         exception(13, Reason::IretSsDpl, 0x10)},
        {"SS has DPL 2",
         [](Guest& g, CpuState&, Frame&) {
             g.set_descriptor(Guest::kUserData, user_data_with(SegmentDescriptor::kDpl.put(2), kDplBits));
         },
         exception(13, Reason::IretSsDpl, 0x18)},
        {"SS not present",
         [](Guest& g, CpuState&, Frame&) {
             g.set_descriptor(Guest::kUserData, user_data_with(0, SegmentDescriptor::kPresent));
         },
         exception(12, Reason::IretSsNotPresent, 0x18)},
    };
    for (const Defect& defect : defects) {
        SCOPED_TRACE(defect.name);
        guest = Guest{};
        before = guest.ring_0();
        Frame frame;
        defect.damage(guest, before, frame);
        const auto after = run(frame);
        ASSERT_FALSE(after);
        EXPECT_EQ(after.error(), defect.fault);
    }
}

TEST_F(IretInstruction, AcceptsANullSsOfAnyRplInRing0OnAmd)
{
    EXPECT_TRUE(run({.cs = Guest::kKernelCode, .ss = 3}, Vendor::Amd));
    EXPECT_TRUE(run({.cs = Guest::kKernelCode, .ss = 0}, Vendor::Amd));
    EXPECT_EQ(fault_of(run({.ss = 0}, Vendor::Amd)), exception(13, Reason::IretSsNullToRing3, 0));
}

TEST_F(IretInstruction, LoadsSegmentsFromTheLdtWhenThereIsOne)
{
    before.ldtr = {0x38, Guest::kLdt, 15, 0x8200};
    guest.set_word(Guest::kLdt + 8, user_code_with(0));
    const auto after = run({.cs = 0x0f});
    ASSERT_TRUE(after) << to_string(after.error());
    EXPECT_EQ(after->cs.selector, 0x0f);
    EXPECT_EQ(fault_of(run({.cs = 0x17})), exception(13, Reason::IretCsBeyondTable, 0x14));
}

TEST_F(IretInstruction, FaultsOnAFrameThatCannotBeRead)
{
    before[Gpr::Rsp] = 0x0000'7fff'ffff'fff0; // its end is not canonical
    EXPECT_EQ(fault_of(iret(before, guest.memory(), OperandSize::Bits64, Vendor::Intel)),
              exception(12, Reason::StackNonCanonical, 0));
    before[Gpr::Rsp] = Guest::kKernelStack - 0x1000 - 16; // RFLAGS is the first word of the next page
    guest.unmap(Guest::kKernelStack - 0x1000);
    EXPECT_EQ(fault_of(iret(before, guest.memory(), OperandSize::Bits64, Vendor::Intel)),
              page_fault_at(Guest::kKernelStack - 0x1000, Reason::PageNotPresent, 0));
}

TEST_F(IretInstruction, ReadsTheFrameWithTheRightsOfTheProgram)
{
    before = guest.ring_3();
    before[Gpr::Rsp] = Guest::kKernelStack - 0x100;
    EXPECT_EQ(fault_of(iret(before, guest.memory(), OperandSize::Bits64, Vendor::Intel)),
              page_fault_at(before[Gpr::Rsp], Reason::PageSupervisorOnly, 5));
    before = guest.ring_0();
    before[Gpr::Rsp] = Guest::kUserStack - 0x100;
    EXPECT_EQ(fault_of(iret(before, guest.memory(), OperandSize::Bits64, Vendor::Intel)),
              page_fault_at(before[Gpr::Rsp], Reason::PageSmap, 1));
}

TEST_F(IretInstruction, HasNoAnswerOutside64BitMode)
{
    before.cs.attributes &= ~(1u << 21);
    EXPECT_EQ(fault_of(run({})).reason, Reason::ModeUnmodelled);
}

} // namespace
} // namespace ringcheck::model
