// SPDX-License-Identifier: GPL-2.0-or-later
#include "machine/processor.h"

#include "arch/control_registers.h"
#include "machine/operand.h"
#include "model/alignment_check.h"
#include "model/float_control.h"
#include "model/interrupt_flag.h"
#include "model/invpcid.h"
#include "model/iret.h"
#include "model/memory_access.h"
#include "model/monitor.h"
#include "model/privilege.h"
#include "model/segment_base.h"
#include "model/syscall.h"
#include "model/sysret.h"

#include <array>
#include <cstring>
#include <utility>

namespace ringcheck {
namespace {

namespace rflags = arch::rflags;
using Kind = InstructionKind;
using model::CpuState;
using model::Event;
using model::Gpr;
using model::OperandSize;

Outcome software_event(const Instruction& instruction, const CpuState& before)
{
    const std::uint64_t next = past(instruction, before).rip;
    const auto event = [&](Event::Origin origin, arch::Vector vector) {
        Event raised;
        raised.origin = origin;
        raised.vector = static_cast<std::uint8_t>(vector);
        raised.return_rip = next;
        raised.instruction_rip = before.rip;
        return Raised{raised};
    };
    switch (instruction.kind) {
    case Kind::Int3: return event(Event::Origin::Software, arch::Vector::Breakpoint);
    case Kind::Icebp: return event(Event::Origin::PrivilegedSoftware, arch::Vector::Debug);
    case Kind::IntO:
        if ((before.rflags & rflags::kOverflow) == 0) {
            return Executed{past(instruction, before), std::nullopt};
        }
        return event(Event::Origin::Software, arch::Vector::Overflow);
    default: return event(Event::Origin::Software, static_cast<arch::Vector>(instruction.immediate));
    }
}

} // namespace

Processor::Processor(model::PhysicalMemory memory, model::Vendor vendor, const model::Features& features,
                     PortBus& ports, std::function<std::uint64_t()> now, LocalApic* apic)
    : memory_(memory), vendor_(vendor), features_(features), ports_(ports), apic_(apic), now_(std::move(now))
{
}

Outcome Processor::execute(const Instruction& instruction, const CpuState& before)
{
    switch (instruction.kind) {
    case Kind::Syscall: return outcome_of(syscall(past(instruction, before), vendor_), before, TransitionKind::Syscall);
    case Kind::Sysret: {
        // SYSRET has no 16-bit form: the prefix is ignored.
        const OperandSize size = instruction.rex_w() ? OperandSize::Bits64 : OperandSize::Bits32;
        return outcome_of(sysret(past(instruction, before), size, vendor_), before, TransitionKind::Sysret);
    }
    case Kind::Iret: {
        CpuState unblocked = before;
        unblocked.nmi_blocked = false; // also when it faults  [SDM 3A "Handling Multiple NMIs"]
        return outcome_of(iret(past(instruction, before), memory_, operand_size(instruction), vendor_), unblocked,
                          TransitionKind::Iret);
    }
    case Kind::IntN:
    case Kind::Int3:
    case Kind::IntO:
    case Kind::Icebp: return software_event(instruction, before);
    case Kind::Swapgs: return outcome_of(swapgs(past(instruction, before)), before, TransitionKind::GsSwap);
    case Kind::WriteFsBase:
    case Kind::WriteGsBase: return execute_write_base(instruction, before);
    case Kind::MoveToControl:
    case Kind::MoveFromControl:
    case Kind::MoveToDebug:
    case Kind::MoveFromDebug: return execute_move(instruction, before);
    case Kind::LoadMachineStatus: return execute_machine_status(instruction, before);
    case Kind::ReadExtendedControl:
    case Kind::WriteExtendedControl:
    case Kind::ReadProtectionKeys:
    case Kind::WriteProtectionKeys: return execute_extended_state(instruction, before);
    case Kind::Rdmsr:
    case Kind::Wrmsr: return execute_msr(instruction, before);
    case Kind::Cpuid: return execute_cpuid(instruction, before);
    case Kind::Rdtsc:
    case Kind::Rdtscp: return execute_time_stamp(instruction, before);
    case Kind::Rdrand:
    case Kind::Rdseed: return execute_random(instruction, before);
    case Kind::ReadCounter: return execute_read_counter(before);
    case Kind::Hlt:
        if (const auto allowed = check_privilege(before, model::PrivilegeRule::Ring0); !allowed) {
            return Faulted{allowed.error(), before};
        }
        return Executed{past(instruction, before), std::nullopt, false, true};
    case Kind::Monitor:
    case Kind::Mwait: return execute_monitor(instruction, before);
    case Kind::In:
    case Kind::Out: return execute_in_out(instruction, before);
    case Kind::InString:
    case Kind::OutString: return execute_string_io(instruction, before);
    case Kind::MoveToSegment:
    case Kind::PopSegment: return execute_segment_load(instruction, before);
    case Kind::LoadFarPointer: return execute_far_pointer_load(instruction, before);
    case Kind::FarCall:
    case Kind::FarJump:
    case Kind::FarReturn: return execute_far_transfer(instruction, before);
    case Kind::LoadSelector: return execute_selector_load(instruction, before);
    case Kind::LoadTable: return execute_table_load(instruction, before);
    case Kind::InvalidatePcid: return execute_invalidate_pcid(instruction, before);
    case Kind::EnableInterrupts: return outcome_of(sti(past(instruction, before)), before);
    case Kind::PopFlags: return execute_pop_flags(instruction, before);
    case Kind::LoadFloatControl: return check_float_control(instruction, before);
    case Kind::AlignedOperand: return check_alignment_of_operand(instruction, before);
    case Kind::StoreSystem:
        if (const auto allowed = check_privilege(before, model::PrivilegeRule::Umip); !allowed) {
            return Faulted{allowed.error(), before};
        }
        return LeftToEngine{};
    case Kind::Sysenter: // CPUID does not report SEP
    case Kind::Sysexit:
    case Kind::Undefined: return undefined(before);
    default: return LeftToEngine{};
    }
}

/// LDMXCSR and FXRSTOR: the engine looks at everything but reserved bits.
Outcome Processor::check_float_control(const Instruction& instruction, const CpuState& before) const
{
    constexpr unsigned kFxrstor = 1;
    constexpr std::uint64_t kMxcsrOffset = 24, kAreaAlignment = 16; // [SDM 1 "FXSAVE Area"]
    const bool usable = (before.cr0 & (arch::cr0::kEmulation | arch::cr0::kTaskSwitched)) == 0 &&
                        (before.cr4 & arch::cr4::kOsFxsr) != 0;
    const bool area = (instruction.reg() & 7) == kFxrstor;
    const LinearOperand operand = linear_operand(instruction, before);
    if (!usable || (area && operand.address % kAreaAlignment != 0)) {
        return LeftToEngine{};
    }
    std::uint32_t value = 0;
    const auto read = read_linear(before, memory_, operand.address + (area ? kMxcsrOffset : 0),
                                  std::as_writable_bytes(std::span{&value, 1}),
                                  by_program(before, model::AccessKind::Read), operand.reference);
    if (read) {
        if (const auto allowed = model::check_mxcsr(value); !allowed) {
            return Faulted{allowed.error(), before};
        }
    }
    return LeftToEngine{};
}

/// The engine looks at everything but the alignment.
Outcome Processor::check_alignment_of_operand(const Instruction& instruction, const CpuState& before) const
{
    const bool usable = (before.cr0 & (arch::cr0::kEmulation | arch::cr0::kTaskSwitched)) == 0 &&
                        (before.cr4 & arch::cr4::kOsFxsr) != 0;
    const std::uint64_t address = linear_operand(instruction, before).address;
    if (!usable || !arch::is_canonical(address)) {
        return LeftToEngine{};
    }
    if (const auto aligned = model::check_aligned_operand(address); !aligned) {
        return Faulted{aligned.error(), before};
    }
    return LeftToEngine{};
}

/// MONITOR watches nothing, and MWAIT goes on at once, as it may for any reason.  [SDM 2B MWAIT]
Outcome Processor::execute_monitor(const Instruction& instruction, const CpuState& before)
{
    const std::uint64_t extensions = instruction.kind == Kind::Monitor ? before[Gpr::Rcx] : before[Gpr::Rcx] & kLowHalf;
    if (const auto allowed = check_monitor(before, extensions, features_); !allowed) {
        return Faulted{allowed.error(), before};
    }
    return Executed{past(instruction, before), std::nullopt};
}

Outcome Processor::execute_invalidate_pcid(const Instruction& instruction, const CpuState& before)
{
    model::InvpcidDescriptor descriptor;
    if (features_.invpcid && before.cpl == 0) {
        std::array<std::byte, sizeof descriptor> image{};
        const LinearOperand operand = linear_operand(instruction, before);
        const auto access = by_program(before, model::AccessKind::Read);
        if (const auto read = read_linear(before, memory_, operand.address, image, access, operand.reference); !read) {
            return Faulted{read.error(), before};
        }
        std::memcpy(&descriptor, image.data(), sizeof descriptor);
    }
    const std::uint64_t type = before.gpr[instruction.reg()];
    if (const auto allowed = check_invpcid(before, type, descriptor, features_); !allowed) {
        return Faulted{allowed.error(), before};
    }
    return Executed{past(instruction, before), std::nullopt, true};
}

Outcome Processor::execute_pop_flags(const Instruction& instruction, const CpuState& before)
{
    if (!before.in_64_bit_mode()) {
        return LeftToEngine{};
    }
    const OperandSize size =
        instruction.operand_size && !instruction.rex_w() ? OperandSize::Bits16 : OperandSize::Bits64;
    const auto bytes = static_cast<std::size_t>(size);
    std::uint64_t image = 0;
    const auto read =
        read_linear(before, memory_, before[Gpr::Rsp], std::as_writable_bytes(std::span{&image, 1}).first(bytes),
                    by_program(before, model::AccessKind::Read), model::Reference::Stack);
    if (!read) {
        return Faulted{read.error(), before};
    }
    CpuState after = pop_flags(past(instruction, before), image, size);
    after[Gpr::Rsp] += bytes;
    return Executed{after, std::nullopt};
}

} // namespace ringcheck
