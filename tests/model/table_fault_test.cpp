// SPDX-License-Identifier: MIT
// Descriptor tables in pages that cannot be read or written: the fault is the table's, whoever wanted the descriptor,
// and it is the CPU's own access, also for ring 3.  [SDM 3A "Access Rights": implicit supervisor-mode accesses]
#include "arch/call_gate.h"
#include "arch/debug_registers.h"
#include "model/event_delivery.h"
#include "model/far_return.h"
#include "model/far_transfer.h"
#include "model/iret.h"
#include "model/segment_load.h"
#include "support/cpu_state_matchers.h"
#include "support/model_guest.h"

#include <array>

namespace ringcheck::model {
namespace {

using arch::SegmentDescriptor;
using Guest = ModelGuest;

/// In the page behind the GDT's, which holds the IDT: what the GDT's descriptors do not need.
constexpr std::uint16_t kFarSelector = 0x1000;
constexpr std::uint64_t kFarDescriptor = Guest::kGdt + kFarSelector;
constexpr std::uint32_t kWriteToReadOnly = 3;

class TableFault : public testing::Test {
protected:
    TableFault() { before.gdtr.limit = 0xffff; }
    void make_read_only(std::uint64_t address)
    {
        guest.set_page_entry(address, guest.page_entry(address) & ~arch::PageEntry::kWritable);
    }
    void clear_accessed(std::uint16_t selector)
    {
        guest.set_descriptor(selector, guest.descriptor(selector) & ~SegmentDescriptor::kAccessed);
    }
    void push(std::initializer_list<std::uint64_t> words)
    {
        std::uint64_t address = before[Gpr::Rsp];
        for (const std::uint64_t word : words) {
            guest.set_word(address, word);
            address += sizeof word;
        }
    }
    void push_iret_frame(std::uint16_t cs, std::uint16_t ss) { push({0x20000, cs, 2, 0x21000, ss}); }
    void push_far_return(std::uint16_t cs, std::uint16_t ss) { push({0x20000, cs, 0x21000, ss}); }
    void set_call_gate(std::uint16_t selector, std::uint16_t code)
    {
        const CallGate gate = CallGate::to(0xffff'ffff'8000'4000, code, arch::Ring::User);
        guest.set_word(Guest::kGdt + selector, gate.low);
        guest.set_word(Guest::kGdt + selector + 8ull, gate.high);
    }
    Fault iret_fault() { return fault_of(iret(before, guest.memory(), OperandSize::Bits64, Vendor::Intel)); }
    Fault ret_fault() { return fault_of(far_return(before, guest.memory(), OperandSize::Bits64, 0, Vendor::Intel)); }
    Fault call_fault(std::uint16_t selector)
    {
        return fault_of(far_call(before, guest.memory(), {0x4000, selector}, OperandSize::Bits64));
    }
    Fault jump_fault(std::uint16_t selector) { return fault_of(far_jump(before, guest.memory(), {0x4000, selector})); }
    Fault load_fault(SegmentName which, std::uint16_t selector)
    {
        return fault_of(load_segment_register(before, guest.memory(), which, selector, Vendor::Intel));
    }
    std::optional<Fault> first_failure(std::uint8_t vector)
    {
        return deliver(before, guest.memory(), Event{.vector = vector, .error_code = {}, .cr2 = {}})
            .attempts()[0]
            .failed;
    }

    using CallGate = arch::CallGate;
    Guest guest;
    CpuState before = guest.ring_0();
};

Fault not_there(std::uint64_t address)
{
    return page_fault_at(address, Reason::PageNotPresent, 0);
}

TEST_F(TableFault, ReachesWhoeverReadsADescriptor)
{
    guest.unmap(kFarDescriptor);
    const Fault expected = not_there(kFarDescriptor);
    EXPECT_EQ(call_fault(kFarSelector), expected);
    EXPECT_EQ(jump_fault(kFarSelector), expected);
    EXPECT_EQ(load_fault(SegmentName::Ss, kFarSelector), expected);
    EXPECT_EQ(load_fault(SegmentName::Ds, kFarSelector), expected);
    push_iret_frame(kFarSelector, Guest::kKernelData);
    EXPECT_EQ(iret_fault(), expected);
    push_iret_frame(Guest::kUserCode, kFarSelector | 3);
    EXPECT_EQ(iret_fault(), expected);
    push_far_return(kFarSelector, 0);
    EXPECT_EQ(ret_fault(), expected);
    push_far_return(Guest::kUserCode, kFarSelector | 3);
    EXPECT_EQ(ret_fault(), expected);
}

TEST_F(TableFault, ReachesWhoeverReadsADescriptorThroughAGate)
{
    constexpr std::uint16_t kLastInPage = 0xff8;
    set_call_gate(kLastInPage, Guest::kKernelCode);
    set_call_gate(Guest::kSpare, kFarSelector);
    guest.unmap(kFarDescriptor);
    EXPECT_EQ(call_fault(kLastInPage), not_there(kFarDescriptor)) << "the gate's upper half";
    EXPECT_EQ(call_fault(Guest::kSpare), not_there(kFarDescriptor)) << "the code segment";
}

TEST_F(TableFault, ReachesTheDeliveryOfAnEvent)
{
    guest.set_gate(3, arch::IdtGate::interrupt(Guest::kHandlers, 0x3000, 0, arch::Ring::Kernel));
    EXPECT_EQ(first_failure(3).value_or(Fault{}).reason, Reason::GateCsNotCode) << "while the page is there";
    guest.unmap(Guest::kGdt + 0x3000);
    EXPECT_EQ(first_failure(3), not_there(Guest::kGdt + 0x3000));
}

TEST_F(TableFault, IsAFaultOfTheSupervisorAlsoInRing3)
{
    before = guest.ring_3();
    before.gdtr.limit = 0xffff;
    guest.unmap(kFarDescriptor);
    EXPECT_EQ(load_fault(SegmentName::Ds, kFarSelector | 3), not_there(kFarDescriptor)) << "no U bit in the error code";
}

TEST_F(TableFault, ReachesWhoeverSetsAnAccessedBit)
{
    make_read_only(Guest::kGdt);
    const auto of = [](std::uint16_t selector) {
        return page_fault_at(Guest::kGdt + (selector & ~7u), Reason::PageSupervisorWriteToReadOnly, kWriteToReadOnly);
    };
    push_far_return(Guest::kKernelCode, 0);
    EXPECT_EQ(ret_fault(), Fault{}) << "an accessed bit that is set is not written";
    clear_accessed(Guest::kKernelCode);
    EXPECT_EQ(ret_fault(), of(Guest::kKernelCode));
    EXPECT_EQ(call_fault(Guest::kKernelCode), of(Guest::kKernelCode));
    EXPECT_EQ(jump_fault(Guest::kKernelCode), of(Guest::kKernelCode));
    EXPECT_EQ(first_failure(3), of(Guest::kKernelCode));
    clear_accessed(Guest::kUserData);
    push_iret_frame(Guest::kUserCode, Guest::kUserData);
    EXPECT_EQ(iret_fault(), of(Guest::kUserData)) << "SS, behind a CS that is marked";
    push_far_return(Guest::kUserCode, Guest::kUserData);
    EXPECT_EQ(ret_fault(), of(Guest::kUserData));
}

TEST_F(TableFault, ReachesTheReaderOfAFarPointer)
{
    guest.unmap(0x9000);
    EXPECT_EQ(fault_of(read_far_pointer(before, guest.memory(), 0x9003, OperandSize::Bits64)), not_there(0x9003));
}

} // namespace
} // namespace ringcheck::model
