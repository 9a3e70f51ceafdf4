// SPDX-License-Identifier: MIT
#include "fuzz/model_small_steps.h"

#include "arch/address.h"
#include "arch/msr.h"
#include "fuzz/model_ask.h"
#include "fuzz/model_faults.h"
#include "model/alignment_check.h"
#include "model/breakpoint.h"
#include "model/control_register.h"
#include "model/debug_register.h"
#include "model/debug_trap.h"
#include "model/extended_control.h"
#include "model/interrupt_flag.h"
#include "model/interrupt_window.h"
#include "model/invpcid.h"
#include "model/io_permission.h"
#include "model/memory_access.h"
#include "model/monitor.h"
#include "model/msr.h"
#include "model/privilege.h"
#include "model/protection_key.h"
#include "model/segment_base.h"
#include "model/table_register.h"
#include "model/task_register.h"

#include <array>

namespace fuzz {

using namespace ringcheck::model;

namespace {

/// `allowed` as the answer of an instruction that changes nothing.
template <typename Value> Answer as_answer(const CpuState& state, const std::expected<Value, Fault>& allowed)
{
    return allowed ? Answer(state) : std::unexpected(allowed.error());
}

/// Only what ring 0 may do.
void require_ring_0(const CpuState& before, const Answer& after)
{
    require(!after || before.cpl == 0, "an outer ring does not do this");
}

} // namespace

Answer step_table(Subject& subject, GuestSource& source)
{
    const CpuState& before = subject.state;
    const std::uint16_t selector = source.selector();
    const std::uint64_t how = source.below(4);
    const TableRegister value{source.address(), static_cast<std::uint16_t>(source.word())};
    const auto after = ask(subject, 1, [&](PhysicalMemory memory) {
        return how == 0   ? load_task_register(before, memory, selector)
               : how == 1 ? load_ldt_register(before, memory, selector)
                          : load_table_register(before, how == 2 ? DescriptorTable::Gdt : DescriptorTable::Idt, value);
    });
    require_ring_0(before, after);
    if (after) {
        require_same_but(before, *after, [how](CpuState& to, const CpuState& from) {
            to.tr = how == 0 ? from.tr : to.tr;
            to.ldtr = how == 1 ? from.ldtr : to.ldtr;
            to.gdtr = how == 2 ? from.gdtr : to.gdtr;
            to.idtr = how == 3 ? from.idtr : to.idtr;
        });
    }
    return after;
}

Answer step_control(Subject& subject, GuestSource& source)
{
    const CpuState& before = subject.state;
    constexpr std::array kNumbers{0u, 2u, 3u, 4u, 8u, 1u, 5u, 15u};
    const unsigned number = kNumbers[source.below(kNumbers.size())];
    // Near what the register holds: a random word is refused for its reserved bits.
    const std::uint64_t held = number == 0 ? before.cr0 : number == 4 ? before.cr4 : number == 3 ? before.cr3 : 0;
    const std::uint64_t value = held ^ (source.word() & source.word() & source.word());
    const auto after = mov_to_control_register(before, number, value, source.features());
    require(after == mov_to_control_register(before, number, value, source.features()), "the same answer");
    require_ring_0(before, after);
    if (after) {
        require_same_but(before, *after, [](CpuState& to, const CpuState& from) {
            to.cr0 = from.cr0;
            to.cr2 = from.cr2;
            to.cr3 = from.cr3;
            to.cr4 = from.cr4;
            to.cr8 = from.cr8;
            to.efer = from.efer;
        });
        require(((before.efer ^ after->efer) & ~std::uint64_t{0x400}) == 0, "MOV CR changes of EFER only LMA");
    }
    return after;
}

Answer step_debug(Subject& subject, GuestSource& source)
{
    const CpuState& before = subject.state;
    const auto number = static_cast<unsigned>(source.below(9));
    const auto read = mov_from_debug_register(before, number);
    const std::uint64_t value = source.coin() ? source.word() & 0xffff'ffff : source.word();
    const auto after = mov_to_debug_register(before, number, value);
    require_ring_0(before, after);
    require(read.has_value() || !after, "what can be written can be read");
    if (after) {
        const auto again = mov_from_debug_register(*after, number);
        constexpr std::uint64_t kGeneralDetect = 1u << 13;
        require(again || (after->dr7 & kGeneralDetect) != 0, "and read back");
        require(!again || number >= 4 || *again == value, "as it was written");
        require_same_but(before, *after, [](CpuState& to, const CpuState& from) {
            to.dr0 = from.dr0;
            to.dr1 = from.dr1;
            to.dr2 = from.dr2;
            to.dr3 = from.dr3;
            to.dr6 = from.dr6;
            to.dr7 = from.dr7;
        });
    }
    return after;
}

Answer step_msr(Subject& subject, GuestSource& source)
{
    const CpuState& before = subject.state;
    constexpr std::array<std::uint32_t, 18> kIndices{0xc000'0080, 0xc000'0081, 0xc000'0082, 0xc000'0083, 0xc000'0084,
                                                     0xc000'0100, 0xc000'0101, 0xc000'0102, 0xc000'0103, 0x1b,
                                                     0x10,        0x17,        0x8b,        0x174,       0x175,
                                                     0x176,       0x1a0,       0x277};
    const auto index =
        source.below(8) == 0 ? static_cast<std::uint32_t>(source.word()) : kIndices[source.below(kIndices.size())];
    const std::uint64_t value = index == 0xc000'0080 ? before.efer ^ (source.word() & source.word() & 0xfff)
                                : source.coin()      ? source.address()
                                                     : source.word();
    const auto read = rdmsr(before, index);
    const auto after = wrmsr(before, index, value);
    require_ring_0(before, after);
    require(read.has_value() || !after, "what can be written can be read");
    if (after) {
        const auto again = rdmsr(*after, index);
        const bool in_part = index == 0xc000'0080 || index == 0x174 || index == 0x1a0;
        require(again && (in_part || *again == value), "and read back as it was written");
        require_same_but(before, *after, [](CpuState& to, const CpuState& from) {
            to.efer = from.efer;
            to.star = from.star;
            to.lstar = from.lstar;
            to.cstar = from.cstar;
            to.fmask = from.fmask;
            to.fs.base = from.fs.base;
            to.gs.base = from.gs.base;
            to.kernel_gs_base = from.kernel_gs_base;
            to.tsc_aux = from.tsc_aux;
            to.sysenter_cs = from.sysenter_cs;
            to.sysenter_esp = from.sysenter_esp;
            to.sysenter_eip = from.sysenter_eip;
            to.pat = from.pat;
            to.misc_enable = from.misc_enable;
            to.bios_sign_id = from.bios_sign_id;
        });
    }
    return after;
}

Answer step_flags(Subject& subject, GuestSource& source)
{
    const CpuState& before = subject.state;
    const std::uint64_t how = source.below(3);
    const std::uint64_t image = source.word();
    const OperandSize size = source.coin() ? OperandSize::Bits64 : OperandSize::Bits16;
    const Answer after = how == 0 ? cli(before) : how == 1 ? sti(before) : Answer(pop_flags(before, image, size));
    if (after) {
        const std::uint64_t changed = before.rflags ^ after->rflags;
        constexpr std::uint64_t kIopl = 0x3000, kInterrupt = 0x200, kVirtual = 0x1a'0000;
        require(how != 2 || (changed & kVirtual) == 0, "POPF keeps VM, VIF and VIP");
        require(before.cpl == 0 || (changed & kIopl) == 0, "only ring 0 changes IOPL");
        require(before.cpl <= (before.rflags & kIopl) >> 12 || (changed & kInterrupt) == 0, "CPL > IOPL keeps IF");
        require(!after->interrupt_shadow || (how == 1 && (changed & kInterrupt) != 0), "STI's shadow is for a new IF");
        require_same_but(before, *after, [](CpuState& to, const CpuState& from) {
            to.rflags = from.rflags;
            to.interrupt_shadow = from.interrupt_shadow;
            to.mov_ss_shadow = from.mov_ss_shadow;
        });
    }
    return after;
}

Answer step_base(Subject& subject, GuestSource& source)
{
    const CpuState& before = subject.state;
    if (source.coin()) {
        const auto after = swapgs(before);
        require_ring_0(before, after);
        require(!after || swapgs(*after) == before, "SWAPGS twice is nothing");
        return after;
    }
    const auto which = source.coin() ? BaseRegister::Fs : BaseRegister::Gs;
    const std::uint64_t value = source.address();
    const auto after = write_base(before, which, value);
    if (after) {
        require_same_but(before, *after, [which](CpuState& to, const CpuState& from) {
            (which == BaseRegister::Fs ? to.fs.base : to.gs.base) =
                which == BaseRegister::Fs ? from.fs.base : from.gs.base;
        });
    }
    return after;
}

Answer step_extended(Subject& subject, GuestSource& source)
{
    const CpuState& before = subject.state;
    const auto index = static_cast<std::uint32_t>(source.below(4) == 0 ? source.word() : 0);
    const auto upper = static_cast<std::uint32_t>(source.below(4) == 0 ? source.word() : 0);
    if (source.coin()) {
        const std::uint64_t value = source.coin() ? source.below(16) : source.word();
        const auto after = xsetbv(before, index, value, source.features());
        require_ring_0(before, after);
        require(!after || xgetbv(*after, index) == value, "XCR0 is read as it was written");
        return after;
    }
    const auto value = static_cast<std::uint32_t>(source.word());
    const auto after = wrpkru(before, index, upper, value);
    require(!after || rdpkru(*after, index) == value, "PKRU is read as it was written");
    return after;
}

Answer step_permissions(Subject& subject, GuestSource& source)
{
    const CpuState& state = subject.state;
    switch (source.below(5)) {
    case 0: {
        const auto port = static_cast<std::uint16_t>(source.word());
        const auto bytes = 1u << source.below(3);
        const auto allowed =
            ask(subject, 0, [&](PhysicalMemory memory) { return check_io(state, memory, port, bytes); });
        require(allowed || state.cpl > (state.rflags >> 12 & 3), "CPL <= IOPL may use every port");
        return as_answer(state, allowed);
    }
    case 1: {
        const InvpcidDescriptor descriptor{source.coin() ? source.below(0x2000) : 0, source.address()};
        return as_answer(state, check_invpcid(state, source.below(5), descriptor, source.features()));
    }
    case 2: return as_answer(state, check_monitor(state, source.below(2), source.features()));
    case 3: {
        const Access access{static_cast<AccessKind>(source.below(3)), state.cpl == 3, false};
        const auto type = static_cast<DataType>(source.below(13));
        const auto size = std::array{OperandSize::Bits16, OperandSize::Bits32, OperandSize::Bits64}[source.below(3)];
        const unsigned alignment = required_alignment(type, size);
        require(alignment != 0 && (alignment & (alignment - 1)) == 0 && alignment <= 16,
                "an alignment is a power of 2");
        const std::uint64_t address = source.address();
        const auto allowed = check_alignment(state, address, alignment, access);
        require(allowed || (state.cpl == 3 && address % alignment != 0), "#AC is for misaligned data of ring 3");
        return as_answer(state, allowed);
    }
    default: return as_answer(state, check_privilege(state, static_cast<PrivilegeRule>(source.below(5))));
    }
}

Answer step_memory(Subject& subject, GuestSource& source)
{
    const CpuState& state = subject.state;
    const std::uint64_t address = source.address();
    const bool by_system = source.below(4) == 0;
    const auto kind = static_cast<AccessKind>(source.below(3));
    const Access access = by_system ? by_cpu(kind) : by_program(state, kind);
    const auto reference = source.coin() ? Reference::Data : Reference::Stack;
    std::array<std::byte, 64> bytes{};
    const auto part = std::span{bytes}.first(1 + source.below(bytes.size()));

    const auto page = ask(subject, 0, [&](PhysicalMemory memory) { return walk(state, memory, address, access); });
    if (page) {
        const bool known = page->page_size == 1u << 12 || page->page_size == 1u << 21 || page->page_size == 1u << 30;
        require(known && page->protection_key < 16, "a page has a size and a key");
        require(((page->address.value ^ address) & (page->page_size - 1)) == 0, "an offset stays in its page");
        require(page->address.value >> kPhysicalAddressBits == 0, "a page has a physical address");
        require(!access.user || page->user, "ring 3 uses its own pages");
        require(!access.user || kind != AccessKind::Write || page->writable, "ring 3 writes what is writable");
        require(kind != AccessKind::Fetch || page->executable, "only executable pages are executed");
    }
    const auto done = ask(subject, kind == AccessKind::Write ? part.size() : 0, [&](PhysicalMemory memory) {
        return kind == AccessKind::Write ? write_linear(state, memory, address, part, access, reference)
                                         : read_linear(state, memory, address, part, access, reference);
    });
    require(!done || page, "an access needs its page");
    return as_answer(state, done);
}

Answer step_boundary(Subject& subject, GuestSource& source)
{
    CpuState state = subject.state;
    const auto data = data_breakpoints(state, source.address(), 1 + static_cast<unsigned>(source.below(16)),
                                       source.coin() ? DataAccess::Read : DataAccess::Write);
    const auto io = io_breakpoints(state, static_cast<std::uint16_t>(source.address()), 1u << source.below(3));
    require(((data | io) & ~std::uint64_t{15}) == 0, "there are four breakpoints");
    state.pending_debug =
        pending_traps(state, state, source.coin() ? StepRule::FlagBefore : StepRule::FlagAfter, data | io);

    PendingEvents pending;
    pending.machine_check = source.below(8) == 0;
    pending.nmi = source.coin();
    if (source.coin()) {
        pending.interrupt = ExternalInterrupt{static_cast<std::uint8_t>(source.below(256)), source.coin(),
                                              static_cast<std::uint8_t>(source.below(256))};
    }
    const InterruptWindow window = interrupt_window(state, pending, Activity::Running);
    require(window == interrupt_window(state, pending, Activity::Running), "the same answer");
    require(window.taken != Taken::Debug || (state.pending_debug != 0 && !state.mov_ss_shadow), "a trap waits");
    require(window.taken != Taken::Nmi || (pending.nmi && !state.nmi_blocked && !state.mov_ss_shadow), "an NMI waits");
    require(window.taken != Taken::Interrupt ||
                (pending.interrupt && (state.rflags & 0x200) != 0 && !state.interrupt_shadow),
            "an interrupt waits, and IF lets it in");
    if (window.taken == Taken::Nothing) {
        const auto breakpoint = instruction_breakpoint(state);
        return breakpoint ? Answer(std::unexpected(*breakpoint)) : Answer(state);
    }
    if (window.taken == Taken::Shutdown) {
        require(pending.machine_check && (state.cr4 & 1 << 6) == 0, "#MC without CR4.MCE shuts down");
        return std::unexpected(no_answer(Reason::ModeUnmodelled)); // nothing follows
    }
    const Accepted accepted = accept(state, pending, window.taken);
    require(window.taken == Taken::Debug || accepted.state == state, "only a debug trap changes the state");
    subject.state = accepted.state;
    const auto after = take_event(subject, accepted.event);
    return after ? Answer(*after) : std::unexpected(no_answer(Reason::ModeUnmodelled));
}

} // namespace fuzz
