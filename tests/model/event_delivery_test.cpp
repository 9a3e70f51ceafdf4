// SPDX-License-Identifier: MIT
// Delivery through the IDT: the frame and the state at the handler's first instruction, for every vector, and each
// defect of the tables with its error code.  [SDM 2A INT n/INTO/INT3/INT1 "Operation"]
#include "model/event_delivery.h"
#include "support/cpu_state_matchers.h"
#include "support/model_guest.h"

#include <algorithm>
#include <functional>

namespace ringcheck::model {
namespace {

using arch::IdtGate;
using arch::SegmentDescriptor;
using Guest = ModelGuest;
using Origin = Event::Origin;

constexpr std::uint64_t kResume = 1 << 16;

/// Vectors with an error code and fault-class vectors, copied from the manual's table of exceptions.
constexpr unsigned kWithErrorCode[] = {8, 10, 11, 12, 13, 14, 17, 21};
constexpr unsigned kFaults[] = {0, 5, 6, 7, 9, 10, 11, 12, 13, 14, 16, 17, 19, 20, 21};

template <std::size_t N> bool among(unsigned vector, const unsigned (&list)[N])
{
    return std::find(std::begin(list), std::end(list), vector) != std::end(list);
}

Event exception_event(unsigned vector)
{
    Event event;
    event.origin = Origin::Exception;
    event.vector = static_cast<std::uint8_t>(vector);
    event.return_rip = 0x20777;
    if (among(vector, kWithErrorCode)) {
        event.error_code = 0xe0 + vector;
    }
    if (vector == 14) {
        event.cr2 = 0xdead'f000;
    }
    return event;
}

Event event_of(Origin origin, unsigned vector)
{
    Event event;
    event.origin = origin;
    event.vector = static_cast<std::uint8_t>(vector);
    event.return_rip = 0x20777;
    event.instruction_rip = 0x20775;
    return event;
}

class EventDelivery : public testing::Test {
protected:
    /// The handler entered at the first attempt, or a test failure.
    CpuState entered(const CpuState& before, const Event& event)
    {
        const Delivery delivery = deliver(before, guest.memory(), event);
        EXPECT_EQ(delivery.attempts().size(), 1u);
        EXPECT_TRUE(delivery.state) << to_string(delivery.attempts()[0].failed.value_or(Fault{}));
        EXPECT_FALSE(delivery.unmodelled() || delivery.shutdown());
        return delivery.state.value_or(CpuState{});
    }
    Fault first_failure(const CpuState& before, const Event& event)
    {
        return deliver(before, guest.memory(), event).attempts()[0].failed.value_or(Fault{});
    }
    void expect_frame(std::uint64_t rsp, const CpuState& before, const Event& event, std::uint64_t rflags)
    {
        if (event.error_code) {
            EXPECT_EQ(hex(guest.word(rsp)), hex(*event.error_code));
            rsp += 8;
        }
        EXPECT_EQ(hex(guest.word(rsp)), hex(event.return_rip));
        EXPECT_EQ(hex(guest.word(rsp + 8)), hex(before.cs.selector));
        EXPECT_EQ(hex(guest.word(rsp + 16)), hex(rflags));
        EXPECT_EQ(hex(guest.word(rsp + 24)), hex(before[Gpr::Rsp]));
        EXPECT_EQ(hex(guest.word(rsp + 32)), hex(before.ss.selector));
    }

    Guest guest;
};

TEST_F(EventDelivery, EntersTheHandlerOfEveryVectorAndChangesNothingElse)
{
    const std::vector<std::byte> ram_before = guest.ram();
    for (const bool from_ring_3 : {false, true}) {
        for (unsigned vector = 0; vector != 256; ++vector) {
            SCOPED_TRACE("vector " + std::to_string(vector) + (from_ring_3 ? " from ring 3" : " from ring 0"));
            const Event event = vector < 32 ? exception_event(vector) : event_of(Origin::External, vector);
            CpuState before = from_ring_3 ? guest.ring_3() : guest.ring_0();
            before.rflags |= 0x4100; // TF, NT
            before.interrupt_shadow = true;
            before.dr7 |= 1 << 13;
            const std::uint64_t words = event.error_code ? 6 : 5;
            const std::uint64_t top = from_ring_3 ? Guest::kRsp0 : before[Gpr::Rsp];

            CpuState expected = before;
            expected.rip = Guest::kHandlers + 16ull * vector;
            expected[Gpr::Rsp] = top - 8 * words;
            expected.cs = guest.loaded(Guest::kKernelCode);
            expected.rflags = before.rflags & ~std::uint64_t{0x4300}; // TF, NT, and IF by an interrupt gate
            expected.cpl = 0;
            expected.interrupt_shadow = false;
            if (from_ring_3) {
                expected.ss = SegmentRegister{};
            }
            if (vector == 14) {
                expected.cr2 = 0xdead'f000;
            }
            if (vector == 1) {
                expected.dr7 &= ~std::uint64_t{1 << 13};
            }
            const CpuState after = entered(before, event);
            EXPECT_TRUE(same_state(after, expected));
            const std::uint64_t resume = vector < 32 && among(vector, kFaults) ? kResume : 0;
            expect_frame(top - 8 * words, before, event, before.rflags | resume);

            // Nothing but the frame was written.
            std::memcpy(guest.memory().at(arch::PhysAddr{top - 8 * words}, 8 * words),
                        ram_before.data() + (top - 8 * words), 8 * words);
            EXPECT_TRUE(guest.ram() == ram_before);
            if (HasFailure()) {
                return;
            }
        }
    }
}

TEST_F(EventDelivery, LeavesIfAloneThroughATrapGate)
{
    IdtGate gate = Guest::interrupt_gate(33);
    gate.low |= IdtGate::kType.put(IdtGate::kTypeTrap);
    guest.set_gate(33, gate);
    const CpuState after = entered(guest.ring_3(), event_of(Origin::External, 33));
    EXPECT_NE(after.rflags & arch::rflags::kInterrupt, 0u);
}

TEST_F(EventDelivery, KeepsEachOtherFlag)
{
    CpuState before = guest.ring_0();
    for (unsigned position = 0; position != 22; ++position) {
        before.rflags = (std::uint64_t{1} << position & arch::rflags::kDefined) | 2;
        const CpuState after = entered(before, event_of(Origin::External, 40));
        const bool cleared = position == 8 || position == 9 || position == 14 || position == 16 || position == 17;
        EXPECT_EQ(hex(after.rflags), hex(cleared ? 2 : before.rflags)) << "RFLAGS bit " << position;
    }
}

Event debug_exception(std::uint64_t dr6)
{
    Event event;
    event.vector = 1;
    event.dr6 = dr6;
    return event;
}

TEST_F(EventDelivery, PushesRfByTheKindOfEvent)
{
    struct Kind {
        const char* name;
        Event event;
        bool rf_when_clear, rf_when_set;
    };
    Event string_interrupt = event_of(Origin::External, 40);
    string_interrupt.between_iterations = true;
    const Kind kinds[] = {
        {"fault", exception_event(6), true, true},
        {"#DB", exception_event(1), false, true},
        {"#DB of a breakpoint", debug_exception(1), false, true},
        {"#DB of general detect", debug_exception(1 << 13), true, true},
        {"abort", exception_event(18), false, true},
        {"interrupt", event_of(Origin::External, 40), false, true},
        {"interrupt between two iterations", string_interrupt, true, true},
        {"NMI", event_of(Origin::Nmi, 2), false, true},
        {"INT n", event_of(Origin::Software, 13), false, false},
        {"INT1", event_of(Origin::PrivilegedSoftware, 1), false, false},
    };
    for (const Kind& kind : kinds) {
        for (const bool set : {false, true}) {
            CpuState before = guest.ring_0();
            before.rflags |= set ? kResume : 0;
            const CpuState after = entered(before, kind.event);
            const std::uint64_t image = guest.word(after[Gpr::Rsp] + (kind.event.error_code ? 24 : 16));
            EXPECT_EQ((image & kResume) != 0, set ? kind.rf_when_set : kind.rf_when_clear) << kind.name << ' ' << set;
            EXPECT_EQ(after.rflags & kResume, 0u);
        }
    }
}

TEST_F(EventDelivery, AlignsTheStackBeforeItPushes)
{
    for (std::uint64_t low = 0; low != 16; ++low) {
        CpuState before = guest.ring_0();
        before[Gpr::Rsp] = Guest::kKernelStack - 0x200 + low;
        const CpuState after = entered(before, event_of(Origin::External, 40));
        EXPECT_EQ(after[Gpr::Rsp], Guest::kKernelStack - 0x200 - 40) << low;
        EXPECT_EQ(guest.word(after[Gpr::Rsp] + 24), before[Gpr::Rsp]) << "the old RSP is pushed as it was";
    }
}

TEST_F(EventDelivery, SwitchesToEachIstStackFromAnyRing)
{
    for (unsigned ist = 1; ist != 8; ++ist) {
        const std::uint64_t top = 0x30000 + 0x1000ull * ist;
        guest.set_tss_stack(offsetof(arch::Tss, ist) + 8ull * (ist - 1), top);
        guest.set_gate(40, Guest::interrupt_gate(40, ist));
        for (const CpuState& before : {guest.ring_0(), guest.ring_3()}) {
            const CpuState after = entered(before, event_of(Origin::External, 40));
            EXPECT_EQ(after[Gpr::Rsp], top - 40) << "IST " << ist;
            EXPECT_EQ(after.ss.selector, before.cpl == 0 ? Guest::kKernelData : 0);
        }
    }
}

TEST_F(EventDelivery, OpensTheDebugRegistersToTheDebugHandlerOnly)
{
    CpuState before = guest.ring_0();
    before.dr7 |= arch::dr7::kGeneralDetect;
    const auto keeps_the_guard = [&](Event::Origin origin, std::uint8_t vector) {
        const Delivery delivery = deliver(before, guest.memory(), event_of(origin, vector));
        return delivery.state && (delivery.state->dr7 & arch::dr7::kGeneralDetect) != 0;
    };
    EXPECT_FALSE(keeps_the_guard(Event::Origin::Exception, 1));
    EXPECT_FALSE(keeps_the_guard(Event::Origin::PrivilegedSoftware, 1)) << "INT1";
    EXPECT_TRUE(keeps_the_guard(Event::Origin::Software, 1)) << "INT 1 is no debug exception";
    EXPECT_TRUE(keeps_the_guard(Event::Origin::Exception, 3));
}

TEST_F(EventDelivery, StaysInRing3ThroughAConformingSegment)
{
    guest.set_descriptor(Guest::kSpare, guest.descriptor(Guest::kKernelCode) |
                                            SegmentDescriptor::kType.put(SegmentDescriptor::kTypeConforming));
    IdtGate gate = Guest::interrupt_gate(40);
    gate.low = (gate.low & ~IdtGate::kSelector.mask()) | IdtGate::kSelector.put(Guest::kSpare);
    guest.set_gate(40, gate);
    const CpuState before = guest.ring_3();
    const CpuState after = entered(before, event_of(Origin::External, 40));
    EXPECT_EQ(after.cpl, 3);
    EXPECT_EQ(after.cs.selector, Guest::kSpare | 3);
    EXPECT_EQ(after.ss, before.ss);
    EXPECT_EQ(after[Gpr::Rsp], before[Gpr::Rsp] - 40);
}

TEST_F(EventDelivery, BlocksFurtherNmisOnlyForAnNmi)
{
    EXPECT_TRUE(entered(guest.ring_3(), event_of(Origin::Nmi, 2)).nmi_blocked);
    EXPECT_FALSE(entered(guest.ring_0(), event_of(Origin::Software, 2)).nmi_blocked);
}

TEST_F(EventDelivery, ChecksTheGatesDplForSoftwareInterruptsOnly)
{
    const CpuState ring_3 = guest.ring_3();
    for (unsigned vector = 0; vector != 256; ++vector) {
        EXPECT_EQ(first_failure(ring_3, event_of(Origin::Software, vector)),
                  exception(13, Reason::GateDpl, vector * 8 + 2));
    }
    entered(ring_3, event_of(Origin::PrivilegedSoftware, 1));
    entered(guest.ring_0(), event_of(Origin::Software, 0x80));
    guest.set_gate(0x80, Guest::interrupt_gate(0x80, 0, arch::Ring::User));
    entered(ring_3, event_of(Origin::Software, 0x80));
}

TEST_F(EventDelivery, ChargesAFaultInAnIntInstructionToThatInstruction)
{
    const Delivery delivery = deliver(guest.ring_3(), guest.memory(), event_of(Origin::Software, 0x80));
    ASSERT_EQ(delivery.attempts().size(), 2u);
    const Event& second = delivery.attempts()[1].event;
    EXPECT_EQ(second.vector, 13);
    EXPECT_EQ(second.return_rip, 0x20775u);
    ASSERT_TRUE(delivery.state);
    EXPECT_EQ(guest.word((*delivery.state)[Gpr::Rsp]), 0x80u * 8 + 2);
    EXPECT_EQ(guest.word((*delivery.state)[Gpr::Rsp] + 8), 0x20775u);
}

/// One defect of the tables behind vector 40, reached by an external interrupt from ring 3 (EXT = 1).
struct Defect {
    const char* name;
    std::function<void(Guest&, CpuState&)> damage;
    Fault fault;
};

void set_gate_selector(Guest& guest, std::uint16_t selector)
{
    IdtGate gate = Guest::interrupt_gate(40);
    gate.low = (gate.low & ~IdtGate::kSelector.mask()) | IdtGate::kSelector.put(selector);
    guest.set_gate(40, gate);
}

void set_code(Guest& guest, std::uint64_t set, std::uint64_t cleared)
{
    guest.set_descriptor(Guest::kSpare, (guest.descriptor(Guest::kKernelCode) & ~cleared) | set);
    set_gate_selector(guest, Guest::kSpare);
}

TEST_F(EventDelivery, RefusesEachDefectByItsOwnRuleAndErrorCode)
{
    constexpr std::uint32_t kGateError = 40 * 8 + 2 + 1;
    const Defect defects[] = {
        {"gate beyond the limit", [](Guest&, CpuState& s) { s.idtr.limit = 40 * 16 + 14; },
         exception(13, Reason::GateBeyondIdt, kGateError)},
        {"IDT base not canonical", [](Guest&, CpuState& s) { s.idtr.base = 1ull << 47; },
         exception(13, Reason::AddressNonCanonical, 1)},
        {"IDT page not present", [](Guest&, CpuState& s) { s.idtr.base = 0x40'0000; },
         page_fault_at(0x40'0000 + 40 * 16, Reason::PageNotPresent, 0)},
        {"gate not present",
         [](Guest& g, CpuState&) {
             IdtGate gate = Guest::interrupt_gate(40);
             gate.low &= ~IdtGate::kPresent;
             g.set_gate(40, gate);
         },
         exception(11, Reason::GateNotPresent, kGateError)},
        {"selector null", [](Guest& g, CpuState&) { set_gate_selector(g, 3); }, exception(13, Reason::GateCsNull, 1)},
        {"selector beyond the GDT", [](Guest& g, CpuState&) { set_gate_selector(g, 0x48); },
         exception(13, Reason::GateCsBeyondTable, 0x49)},
        {"selector in an LDT that is not loaded", [](Guest& g, CpuState&) { set_gate_selector(g, 0x0c); },
         exception(13, Reason::GateCsBeyondTable, 0x0d)},
        {"data segment", [](Guest& g, CpuState&) { set_gate_selector(g, Guest::kKernelData); },
         exception(13, Reason::GateCsNotCode, 0x11)},
        {"32-bit code", [](Guest& g, CpuState&) { set_code(g, 0, SegmentDescriptor::kLong); },
         exception(13, Reason::GateCsNot64Bit, 0x39)},
        {"L and D", [](Guest& g, CpuState&) { set_code(g, SegmentDescriptor::kDefaultSize, 0); },
         exception(13, Reason::GateCsNot64Bit, 0x39)},
        {"code not present", [](Guest& g, CpuState&) { set_code(g, 0, SegmentDescriptor::kPresent); },
         exception(11, Reason::GateCsNotPresent, 0x39)},
        {"TSS too short", [](Guest&, CpuState& s) { s.tr.limit = 10; },
         exception(10, Reason::TssStackBeyondLimit, 0x29)},
        {"TSS page not present", [](Guest&, CpuState& s) { s.tr.base = 0x40'0000; },
         page_fault_at(0x40'0004, Reason::PageNotPresent, 0)},
        {"RSP0 not canonical", [](Guest& g, CpuState&) { g.set_tss_stack(4, 1ull << 47); },
         exception(12, Reason::StackNonCanonical, 1)},
        {"handler not canonical",
         [](Guest& g, CpuState&) { g.set_gate(40, IdtGate::interrupt(1ull << 47, 8, 0, arch::Ring::Kernel)); },
         exception(13, Reason::HandlerNonCanonical, 1)},
        {"stack not mapped", [](Guest& g, CpuState&) { g.unmap(Guest::kRsp0 - 8); },
         page_fault_at(Guest::kRsp0 - 8, Reason::PageNotPresent, 2)},
        {"stack read-only",
         [](Guest& g, CpuState&) {
             g.set_page_entry(Guest::kRsp0 - 8, g.page_entry(Guest::kRsp0 - 8) & ~arch::PageEntry::kWritable);
         },
         page_fault_at(Guest::kRsp0 - 8, Reason::PageSupervisorWriteToReadOnly, 3)},
        {"stack in user memory", [](Guest& g, CpuState&) { g.set_tss_stack(4, Guest::kUserStack); },
         page_fault_at(Guest::kUserStack - 8, Reason::PageSmap, 3)},
        {"stack across two pages",
         [](Guest& g, CpuState&) {
             g.set_tss_stack(4, 0x18010);
             g.unmap(0x17000);
         },
         page_fault_at(0x17ff8, Reason::PageNotPresent, 2)},
    };
    for (const Defect& defect : defects) {
        SCOPED_TRACE(defect.name);
        guest = Guest{};
        CpuState before = guest.ring_3();
        defect.damage(guest, before);
        EXPECT_EQ(first_failure(before, event_of(Origin::External, 40)), defect.fault);
    }
}

TEST_F(EventDelivery, LooksAtARingsOwnStackOnlyWhereItPushes)
{
    constexpr std::uint64_t kHole = 1ull << 47;
    CpuState before = guest.ring_0();
    before[Gpr::Rsp] = kHole; // not canonical, but the first push is
    EXPECT_EQ(first_failure(before, event_of(Origin::External, 40)),
              page_fault_at(kHole - 8, Reason::PageNotPresent, 2));
    before[Gpr::Rsp] = kHole + 0x100;
    EXPECT_EQ(first_failure(before, event_of(Origin::External, 40)), exception(12, Reason::StackNonCanonical, 1));
    EXPECT_EQ(first_failure(before, event_of(Origin::Software, 40)), exception(12, Reason::StackNonCanonical, 0));
}

TEST_F(EventDelivery, AcceptsOnlyInterruptAndTrapGates)
{
    for (unsigned type = 0; type != 32; ++type) {
        guest = Guest{};
        IdtGate gate = Guest::interrupt_gate(40);
        gate.low = (gate.low & ~IdtGate::kType.mask()) | IdtGate::kType.put(type);
        guest.set_gate(40, gate);
        const Fault failure = first_failure(guest.ring_3(), event_of(Origin::External, 40));
        const bool accepted = type == 0x0e || type == 0x0f;
        EXPECT_EQ(failure, accepted ? Fault{} : exception(13, Reason::GateType, 40 * 8 + 3)) << "type " << type;
    }
}

TEST_F(EventDelivery, NeverEntersAnOuterRing)
{
    set_gate_selector(guest, Guest::kUserCode);
    EXPECT_EQ(first_failure(guest.ring_0(), event_of(Origin::External, 40)), exception(13, Reason::GateCsDpl, 0x21));
}

TEST_F(EventDelivery, SetsExtUnlessAnIntInstructionAsked)
{
    guest.set_gate(40, Guest::interrupt_gate(40, 0, arch::Ring::User));
    set_gate_selector(guest, Guest::kKernelData);
    guest.set_gate(40, [this] {
        IdtGate gate = guest.gate(40);
        gate.low |= IdtGate::kDpl.put(3);
        return gate;
    }());
    const CpuState before = guest.ring_3();
    const auto error = [&](Origin origin) { return first_failure(before, event_of(origin, 40)).error_code; };
    EXPECT_EQ(error(Origin::Software), 0x10u);
    EXPECT_EQ(error(Origin::Exception), 0x11u);
    EXPECT_EQ(error(Origin::PrivilegedSoftware), 0x11u);
    EXPECT_EQ(error(Origin::External), 0x11u);
    EXPECT_EQ(error(Origin::Nmi), 0x11u);
}

TEST_F(EventDelivery, WritesNothingWhenAnyWordOfTheFrameCannotBeWritten)
{
    guest.set_tss_stack(4, 0x18010);
    guest.unmap(0x17000);
    guest.set_gate(14, Guest::interrupt_gate(14, 1));
    guest.set_word(0x18008, 0x5555);
    ASSERT_TRUE(deliver(guest.ring_3(), guest.memory(), event_of(Origin::External, 40)).state);
    EXPECT_EQ(guest.word(0x18008), 0x5555u);
}

TEST_F(EventDelivery, WithoutAnIdtIsShutdownBeforeLongModeToo)
{
    CpuState before = guest.ring_0();
    before.efer = 0;
    before.cr0 = arch::cr0::kProtectionEnable | arch::cr0::kExtensionType;
    before.idtr.limit = 0;
    const Delivery protected_mode = deliver(before, guest.memory(), event_of(Origin::Software, 0x15));
    EXPECT_TRUE(protected_mode.shutdown());
    ASSERT_EQ(protected_mode.attempts().size(), 3u);
    EXPECT_EQ(protected_mode.attempts()[0].failed, exception(13, Reason::GateBeyondIdt, 0x15 * 8 + 2));
    EXPECT_EQ(protected_mode.attempts()[1].failed, exception(13, Reason::GateBeyondIdt, 13 * 8 + 3));
    EXPECT_EQ(protected_mode.attempts()[1].event.vector, 13);
    EXPECT_EQ(protected_mode.attempts()[2].failed, exception(13, Reason::GateBeyondIdt, 8 * 8 + 3));
    EXPECT_EQ(protected_mode.attempts()[2].event.vector, 8);

    before.cr0 &= ~arch::cr0::kProtectionEnable;
    const Delivery real_mode = deliver(before, guest.memory(), event_of(Origin::Software, 0x15));
    EXPECT_TRUE(real_mode.shutdown());
    EXPECT_EQ(real_mode.attempts()[0].failed, exception(13, Reason::GateBeyondIdt)) << "no error codes there";
}

TEST_F(EventDelivery, BeforeLongModeKnowsWhereTheIdtEnds)
{
    constexpr unsigned kVector = 40;
    const auto reason = [&](std::uint64_t cr0, std::uint16_t limit) {
        CpuState before = guest.ring_0();
        before.efer = 0;
        before.cr0 = cr0;
        before.idtr.limit = limit;
        return first_failure(before, event_of(Origin::External, kVector)).reason;
    };
    EXPECT_EQ(reason(arch::cr0::kProtectionEnable, 8 * kVector + 7), Reason::ModeUnmodelled);
    EXPECT_EQ(reason(arch::cr0::kProtectionEnable, 8 * kVector + 6), Reason::GateBeyondIdt);
    EXPECT_EQ(reason(0, 4 * kVector + 3), Reason::ModeUnmodelled);
    EXPECT_EQ(reason(0, 4 * kVector + 2), Reason::GateBeyondIdt);
}

TEST_F(EventDelivery, HasNoAnswerOutsideLongModeOrRam)
{
    CpuState before = guest.ring_0();
    before.efer &= ~arch::efer::kLongModeActive;
    const Delivery legacy = deliver(before, guest.memory(), event_of(Origin::External, 40));
    EXPECT_TRUE(legacy.unmodelled());
    EXPECT_FALSE(legacy.state || legacy.shutdown());
    EXPECT_EQ(legacy.attempts().back().failed->reason, Reason::ModeUnmodelled);
    guest.set_page_entry(Guest::kRsp0 - 8, Guest::kRamBytes | 0x63);
    const Delivery outside = deliver(guest.ring_3(), guest.memory(), event_of(Origin::External, 40));
    EXPECT_TRUE(outside.unmodelled());
    EXPECT_EQ(outside.attempts().back().failed->reason, Reason::AccessOutsideRam);
    EXPECT_EQ(outside.attempts().size(), 1u) << "no exception follows from what is not known";
}

} // namespace
} // namespace ringcheck::model
