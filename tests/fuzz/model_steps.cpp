// SPDX-License-Identifier: MIT
// The steps that change ring, code segment or stack.  model_small_steps.cpp has the others.
#include "fuzz/model_steps.h"

#include "arch/address.h"
#include "fuzz/model_ask.h"
#include "fuzz/model_faults.h"
#include "fuzz/model_small_steps.h"
#include "model/far_return.h"
#include "model/far_transfer.h"
#include "model/iret.h"
#include "model/segment_load.h"
#include "model/syscall.h"
#include "model/sysret.h"

#include <array>

namespace fuzz {
namespace {

using namespace ringcheck::model;

void forget_shadows(CpuState& to, const CpuState& from)
{
    to.interrupt_shadow = from.interrupt_shadow;
    to.mov_ss_shadow = from.mov_ss_shadow;
}

void take_code(CpuState& to, const CpuState& from)
{
    to.cs = from.cs;
    to.rip = from.rip;
    to.cpl = from.cpl;
    forget_shadows(to, from);
}

void take_data_segments(CpuState& to, const CpuState& from)
{
    to.ds = from.ds;
    to.es = from.es;
    to.fs = from.fs;
    to.gs = from.gs;
}

void take_stack(CpuState& to, const CpuState& from)
{
    to.ss = from.ss;
    to[Gpr::Rsp] = from[Gpr::Rsp];
}

/// Rules that Intel's manual has and AMD's has not.
bool intel_alone(Reason reason)
{
    constexpr std::array kRules{
        Reason::SyscallOutside64BitMode, Reason::SysretOutside64BitMode, Reason::SysretRcxNonCanonical,
        Reason::IretSsNullRpl,           Reason::RetSsNullRpl,           Reason::LoadSsNullRpl};
    return std::ranges::find(kRules, reason) != kRules.end();
}

/// The two manuals differ in what a null selector leaves in the cache, in SYSRET's SS, and in the rules above.
void check_vendors(const Answer& intel, const Answer& amd, bool is_sysret)
{
    if (!intel || !amd) {
        return require(intel == amd || (!intel && intel_alone(intel.error().reason)),
                       "Intel and AMD have the same rules");
    }
    CpuState adapted = *amd;
    for (SegmentRegister CpuState::* const segment :
         {&CpuState::es, &CpuState::ss, &CpuState::ds, &CpuState::fs, &CpuState::gs}) {
        SegmentRegister& held = adapted.*segment;
        if ((held.selector & ~3u) == 0) {
            held.base = ((*intel).*segment).base;
            held.limit = ((*intel).*segment).limit;
        }
    }
    if (is_sysret) {
        adapted.ss = intel->ss;
    }
    require(adapted == *intel, "Intel and AMD do the same");
}

/// The subject's vendor's answer; the other one's is compared with it.
template <typename Question> Answer ask_vendors(Subject& subject, Question question, bool is_sysret = false)
{
    const bool is_intel = subject.vendor == Vendor::Intel;
    WriteJournal journal;
    const Answer other = question(subject.guest.memory().journaled(journal), is_intel ? Vendor::Amd : Vendor::Intel);
    journal.undo();
    const Answer answer = ask(subject, 0, [&](PhysicalMemory memory) { return question(memory, subject.vendor); });
    check_vendors(is_intel ? answer : other, is_intel ? other : answer, is_sysret);
    return answer;
}

OperandSize any_size(GuestSource& source)
{
    if (source.coin()) {
        return OperandSize::Bits64;
    }
    return std::array{OperandSize::Bits16, OperandSize::Bits32, OperandSize::Bits64}[source.below(3)];
}

/// The flags that an outer ring may not change.
void check_flags_by_ring(const CpuState& before, const CpuState& after)
{
    constexpr std::uint64_t kIopl = 0x3000, kInterrupt = 0x200, kVirtual = 0x18'0000;
    const std::uint64_t changed = before.rflags ^ after.rflags;
    require((changed & 1 << 17) == 0, "VM does not change in long mode");
    require(before.cpl == 0 || (changed & (kIopl | kVirtual)) == 0, "only ring 0 changes IOPL, VIF and VIP");
    require(before.cpl <= (before.rflags & kIopl) >> 12 || (changed & kInterrupt) == 0, "CPL > IOPL keeps IF");
}

/// A return to `after`: never inward, and with no data segment that the new ring may not use.
void check_return(const CpuState& before, const CpuState& after)
{
    require(after.cpl >= before.cpl, "a return never enters an inner ring");
    require(after.in_64_bit_mode() || after.rip <= after.cs.limit, "EIP lies within CS");
    if (after.cpl == before.cpl) {
        return;
    }
    for (const SegmentRegister* const segment : {&after.ds, &after.es, &after.fs, &after.gs}) {
        const bool conforming = (segment->attributes & 0x1c00) == 0x1c00;
        require(segment->attributes == 0 || conforming || segment->dpl() >= after.cpl,
                "an outer ring keeps no segment of an inner one");
    }
}

Answer step_syscall(Subject& subject, GuestSource&)
{
    const CpuState& before = subject.state;
    const auto after = ask_vendors(subject, [&](PhysicalMemory, Vendor vendor) { return syscall(before, vendor); });
    if (after) {
        require(after->cpl == 0 && after->in_64_bit_mode(), "SYSCALL enters 64-bit code in ring 0");
        require((*after)[Gpr::Rcx] == before.rip, "RCX is where to go on");
        require((after->rflags & before.fmask & ~std::uint64_t{2}) == 0, "FMASK clears flags");
        require_same_but(before, *after, [](CpuState& to, const CpuState& from) {
            take_code(to, from);
            to.ss = from.ss;
            to.rflags = from.rflags;
            to[Gpr::Rcx] = from[Gpr::Rcx];
            to[Gpr::R11] = from[Gpr::R11];
        });
        subject.allowances.stack_of_another_ring = (before.star >> 32 & 3) != 0;
    }
    return after;
}

Answer step_sysret(Subject& subject, GuestSource& source)
{
    const CpuState& before = subject.state;
    const OperandSize size = source.coin() ? OperandSize::Bits64 : OperandSize::Bits32;
    const auto after =
        ask_vendors(subject, [&](PhysicalMemory, Vendor vendor) { return sysret(before, size, vendor); }, true);
    if (after) {
        require(after->cpl == 3 && after->in_64_bit_mode() == (size == OperandSize::Bits64), "SYSRET enters ring 3");
        require_same_but(before, *after, [](CpuState& to, const CpuState& from) {
            take_code(to, from);
            to.ss = from.ss;
            to.rflags = from.rflags;
        });
        const bool amd = subject.vendor == Vendor::Amd;
        subject.allowances.stack_of_another_ring = amd;
        subject.allowances.rip_not_canonical = amd;
    }
    return after;
}

Answer step_iret(Subject& subject, GuestSource& source)
{
    source.fill_stack(subject.guest, subject.state, GuestSource::Frame::Iret);
    const CpuState& before = subject.state;
    const OperandSize size = any_size(source);
    auto after =
        ask_vendors(subject, [&](PhysicalMemory memory, Vendor vendor) { return iret(before, memory, size, vendor); });
    if (after) {
        check_return(before, *after);
        check_flags_by_ring(before, *after);
        require(!after->nmi_blocked, "IRET lets NMIs in");
        require_same_but(before, *after, [](CpuState& to, const CpuState& from) {
            take_code(to, from);
            take_stack(to, from);
            take_data_segments(to, from);
            to.rflags = from.rflags;
            to.nmi_blocked = from.nmi_blocked;
        });
    } else {
        subject.state.nmi_blocked = false;
    }
    return after;
}

Answer step_far_return(Subject& subject, GuestSource& source)
{
    source.fill_stack(subject.guest, subject.state, GuestSource::Frame::FarReturn);
    const CpuState& before = subject.state;
    const OperandSize size = any_size(source);
    const auto released = static_cast<std::uint16_t>(source.coin() ? 0 : source.below(64));
    const auto after = ask_vendors(subject, [&](PhysicalMemory memory, Vendor vendor) {
        return far_return(before, memory, size, released, vendor);
    });
    if (after) {
        check_return(before, *after);
        require(after->cpl != before.cpl || after->ss == before.ss, "the ring's own stack stays");
        require_same_but(before, *after, [](CpuState& to, const CpuState& from) {
            take_code(to, from);
            take_stack(to, from);
            take_data_segments(to, from);
        });
    }
    return after;
}

Answer step_far_transfer(Subject& subject, GuestSource& source)
{
    const CpuState& before = subject.state;
    const FarPointer target{source.address(), source.selector()};
    const OperandSize size = any_size(source);
    const bool call = source.coin();
    constexpr std::size_t kFrame = 32;
    const auto after = ask(subject, call ? kFrame : 0, [&](PhysicalMemory memory) {
        return call ? far_call(before, memory, target, size) : far_jump(before, memory, target);
    });
    if (after) {
        require(after->cpl <= before.cpl && (call || after->cpl == before.cpl), "only a CALL changes ring, inward");
        require(after->in_64_bit_mode() || after->rip <= after->cs.limit, "EIP lies within CS");
        require(after->cpl == before.cpl || after->ss == SegmentRegister{.selector = after->cpl}, "a new SS is null");
        require(call || (*after)[Gpr::Rsp] == before[Gpr::Rsp], "JMP pushes nothing");
        require_same_but(before, *after, [](CpuState& to, const CpuState& from) {
            take_code(to, from);
            take_stack(to, from);
        });
    }
    return after;
}

Answer step_load_segment(Subject& subject, GuestSource& source)
{
    source.fill_stack(subject.guest, subject.state, GuestSource::Frame::FarReturn);
    const CpuState& before = subject.state;
    const auto which = static_cast<SegmentName>(source.below(8));
    const std::uint16_t selector = source.coin() ? source.selector() : static_cast<std::uint16_t>(source.below(4));
    const std::uint64_t how = source.below(3);
    const OperandSize size = any_size(source);
    const auto after = ask_vendors(subject, [&](PhysicalMemory memory, Vendor vendor) {
        return how == 0 ? mov_to_segment(before, memory, which, selector, vendor)
               : how == 1
                   ? pop_segment(before, memory, which, size == OperandSize::Bits32 ? OperandSize::Bits64 : size,
                                 vendor)
                   : load_far_pointer(before, memory, which, Gpr::Rbx, {before[Gpr::Rcx], selector}, size, vendor);
    });
    if (after) {
        require(which != SegmentName::Cs, "CS is loaded by far transfers only");
        require(after->mov_ss_shadow == (how == 0 && which == SegmentName::Ss && !before.mov_ss_shadow),
                "the first MOV SS casts a shadow");
        require_same_but(before, *after, [](CpuState& to, const CpuState& from) {
            take_data_segments(to, from);
            take_stack(to, from);
            to[Gpr::Rbx] = from[Gpr::Rbx];
            forget_shadows(to, from);
        });
        subject.allowances.stack_of_another_ring &= which != SegmentName::Ss;
    }
    return after;
}

/// INT n, INT3, INTO, INT1, an exception, an interrupt or an NMI.  Its exceptions have been delivered by then.
Answer step_event(Subject& subject, GuestSource& source)
{
    Event event;
    event.origin = static_cast<Event::Origin>(source.below(5));
    event.vector = static_cast<std::uint8_t>(source.below(source.coin() ? 32 : 256));
    event.return_rip = subject.state.rip;
    event.instruction_rip = subject.state.rip - 2;
    event.between_iterations = event.origin == Event::Origin::External && source.coin();
    if (event.origin == Event::Origin::Exception) {
        event.vector &= 31;
        event.error_code = arch::pushes_error_code(event.vector) ? std::optional(0u) : std::nullopt;
        event.cr2 = event.vector == 14 ? std::optional(source.address()) : std::nullopt;
        event.dr6 = event.vector == 1 ? std::optional(source.word() & 0x600f) : std::nullopt;
    }
    if (event.origin == Event::Origin::PrivilegedSoftware) {
        event.vector = 1;
    }
    if (event.origin == Event::Origin::Nmi) {
        event.vector = 2;
    }
    const auto after = take_event(subject, event);
    return after ? Answer(*after) : std::unexpected(no_answer(Reason::ModeUnmodelled)); // nothing follows
}

} // namespace

std::optional<CpuState> take_event(Subject& subject, const Event& event)
{
    constexpr std::size_t kFrame = 48;
    Delivery delivery;
    const auto after = ask(subject, kFrame, [&](PhysicalMemory memory) {
        delivery = deliver(subject.state, memory, event);
        return delivery.state;
    });
    check_delivery(subject.state, event, delivery);
    subject.allowances.rip_not_canonical &= !after;
    return after;
}

Answer take_step(Subject& subject, GuestSource& source)
{
    constexpr std::array kSteps{step_syscall,      step_sysret,  step_iret,  step_far_return, step_far_transfer,
                                step_load_segment, step_event,   step_table, step_control,    step_debug,
                                step_msr,          step_flags,   step_base,  step_extended,   step_permissions,
                                step_memory,       step_boundary};
    return kSteps[source.below(kSteps.size())](subject, source);
}

} // namespace fuzz
