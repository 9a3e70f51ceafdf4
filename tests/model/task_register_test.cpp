// SPDX-License-Identifier: MIT
// LTR and LLDT: every descriptor type, each defect by its own rule, and the busy bit.  [SDM 2A LTR, LLDT]
#include "model/task_register.h"
#include "support/cpu_state_matchers.h"
#include "support/model_guest.h"

#include <functional>

namespace ringcheck::model {
namespace {

using Guest = ModelGuest;
using Load = std::expected<CpuState, Fault> (*)(CpuState, const PhysicalMemory&, std::uint16_t);

constexpr std::uint64_t kTableBase = 0xffff'8000'1234'5678;
constexpr std::uint64_t kAvailableTss = 9, kLdt = 2;

class TaskRegister : public testing::Test {
protected:
    /// Puts a present 16-byte descriptor of `type` into the two spare slots.
    void describe_segment(std::uint64_t type)
    {
        auto words = arch::TssDescriptor::available(kTableBase, 0x67);
        words.low = (words.low & ~(0x1full << 40)) | type << 40;
        guest.set_descriptor(Guest::kSpare, words.low);
        guest.set_descriptor(Guest::kSpare2, words.high);
    }

    Guest guest;
    CpuState before = guest.ring_0();
};

TEST_F(TaskRegister, IsLoadedAndMarkedBusy)
{
    describe_segment(kAvailableTss);
    const std::uint64_t available = guest.descriptor(Guest::kSpare);
    CpuState expected = before;
    expected.tr = {Guest::kSpare, kTableBase, 0x67, 0x8b00};
    const auto after = load_task_register(before, guest.memory(), Guest::kSpare);
    ASSERT_TRUE(after) << to_string(after.error());
    EXPECT_TRUE(same_state(*after, expected));
    EXPECT_EQ(hex(guest.descriptor(Guest::kSpare)), hex(available | 2ull << 40));
    EXPECT_EQ(hex(guest.descriptor(Guest::kSpare2)), hex(kTableBase >> 32));
    EXPECT_EQ(fault_of(load_task_register(*after, guest.memory(), Guest::kSpare)),
              exception(13, Reason::LtrNotAvailableTss, Guest::kSpare))
        << "it is busy now";
}

TEST_F(TaskRegister, LeavesTheDescriptorOfAnLdtAlone)
{
    describe_segment(kLdt);
    const std::vector<std::byte> ram = guest.ram();
    CpuState expected = before;
    expected.ldtr = {Guest::kSpare, kTableBase, 0x67, 0x8200};
    const auto after = load_ldt_register(before, guest.memory(), Guest::kSpare);
    ASSERT_TRUE(after) << to_string(after.error());
    EXPECT_TRUE(same_state(*after, expected));
    EXPECT_EQ(guest.ram(), ram);
}

TEST_F(TaskRegister, HoldsNoLdtAfterANullSelector)
{
    before.ldtr = {Guest::kSpare, kTableBase, 0x67, 0x8200};
    for (std::uint16_t selector = 0; selector != 4; ++selector) {
        CpuState expected = before;
        expected.ldtr = {selector, 0, 0, 0};
        const auto after = load_ldt_register(before, guest.memory(), selector);
        ASSERT_TRUE(after);
        EXPECT_TRUE(same_state(*after, expected));
        EXPECT_EQ(fault_of(load_task_register(before, guest.memory(), selector)), exception(13, Reason::LtrNull, 0));
    }
}

TEST_F(TaskRegister, AcceptsOneTypeEach)
{
    for (std::uint64_t type = 0; type != 32; ++type) {
        describe_segment(type);
        EXPECT_EQ(fault_of(load_ldt_register(before, guest.memory(), Guest::kSpare)),
                  type == kLdt ? Fault{} : exception(13, Reason::LldtNotLdt, Guest::kSpare))
            << type;
        EXPECT_EQ(fault_of(load_task_register(before, guest.memory(), Guest::kSpare)),
                  type == kAvailableTss ? Fault{} : exception(13, Reason::LtrNotAvailableTss, Guest::kSpare))
            << type;
    }
}

TEST_F(TaskRegister, RefusesEachDefectByItsOwnRuleAndErrorCode)
{
    struct Defect {
        const char* name;
        std::function<void(Guest&, CpuState&)> damage;
        Fault ltr, lldt;
    };
    const Defect defects[] = {
        {"ring 3", [](Guest&, CpuState& s) { s.cpl = 3; }, exception(13, Reason::InstructionNotRing0, 0),
         exception(13, Reason::InstructionNotRing0, 0)},
        {"upper half beyond the GDT", [](Guest&, CpuState& s) { s.gdtr.limit = Guest::kGdtLimit - 1; },
         exception(13, Reason::LtrBeyondTable, Guest::kSpare), exception(13, Reason::LldtBeyondTable, Guest::kSpare)},
        {"upper half has a type",
         [](Guest& g, CpuState&) { g.set_descriptor(Guest::kSpare2, g.descriptor(Guest::kSpare2) | 1ull << 44); },
         exception(13, Reason::LtrUpperType, Guest::kSpare), exception(13, Reason::LldtUpperType, Guest::kSpare)},
        {"not present",
         [](Guest& g, CpuState&) { g.set_descriptor(Guest::kSpare, g.descriptor(Guest::kSpare) & ~(1ull << 47)); },
         exception(11, Reason::LtrNotPresent, Guest::kSpare), exception(11, Reason::LldtNotPresent, Guest::kSpare)},
        {"base not canonical", [](Guest& g, CpuState&) { g.set_descriptor(Guest::kSpare2, 0x8000); },
         exception(13, Reason::LtrBaseNonCanonical, Guest::kSpare),
         exception(13, Reason::LldtBaseNonCanonical, Guest::kSpare)},
        {"GDT not mapped", [](Guest&, CpuState& s) { s.gdtr.base = 0x40'0000; },
         page_fault_at(0x40'0038, Reason::PageNotPresent, 0), page_fault_at(0x40'0038, Reason::PageNotPresent, 0)},
        {"compatibility mode", [](Guest&, CpuState& s) { s.cs.attributes = 0x00c0'9b00; },
         no_answer(Reason::ModeUnmodelled), no_answer(Reason::ModeUnmodelled)},
    };
    for (const Defect& defect : defects) {
        SCOPED_TRACE(defect.name);
        guest = Guest{};
        for (const bool ltr : {true, false}) {
            describe_segment(ltr ? kAvailableTss : kLdt);
            before = guest.ring_0();
            defect.damage(guest, before);
            const Load load = ltr ? load_task_register : load_ldt_register;
            EXPECT_EQ(fault_of(load(before, guest.memory(), Guest::kSpare)), ltr ? defect.ltr : defect.lldt);
        }
    }
}

TEST_F(TaskRegister, IsLoadedFromTheGdtAlone)
{
    for (const std::uint16_t selector : {std::uint16_t{4}, std::uint16_t{Guest::kSpare | 4}}) {
        EXPECT_EQ(fault_of(load_task_register(before, guest.memory(), selector)),
                  exception(13, Reason::LtrNotGlobal, selector));
        EXPECT_EQ(fault_of(load_ldt_register(before, guest.memory(), selector)),
                  exception(13, Reason::LldtNotGlobal, selector));
    }
}

TEST_F(TaskRegister, FaultsWhenTheBusyBitCannotBeSet)
{
    describe_segment(kAvailableTss);
    guest.set_page_entry(Guest::kGdt, guest.page_entry(Guest::kGdt) & ~arch::PageEntry::kWritable);
    EXPECT_EQ(fault_of(load_task_register(before, guest.memory(), Guest::kSpare)),
              page_fault_at(Guest::kGdt + Guest::kSpare, Reason::PageSupervisorWriteToReadOnly, 3));
}

} // namespace
} // namespace ringcheck::model
