// SPDX-License-Identifier: GPL-2.0-or-later
#include "machine/processor.h"

#include "arch/cpuid.h"
#include "arch/exception.h"
#include "arch/msr.h"
#include "machine/cpuid_table.h"
#include "machine/debug_register.h"
#include "machine/devices/local_apic.h"
#include "machine/devices/port_bus.h"
#include "model/control_register.h"
#include "model/io_permission.h"
#include "model/iret.h"
#include "model/memory_access.h"
#include "model/msr.h"
#include "model/privilege.h"
#include "model/segment_base.h"
#include "model/syscall.h"
#include "model/sysret.h"

#include <array>

namespace ringcheck {
namespace {

namespace rflags = arch::rflags;
using Kind = InstructionKind;
using model::CpuState;
using model::Event;
using model::Fault;
using model::Gpr;
using model::OperandSize;

constexpr std::uint64_t kLowHalf = 0xffff'ffff;

Fault undefined()
{
    return {static_cast<std::uint8_t>(arch::Vector::InvalidOpcode), std::nullopt, std::nullopt,
            model::Reason::InstructionRule};
}

/// `state` behind `instruction`, with what every instruction ends: the interrupt shadow, and RF.
CpuState past(const Instruction& instruction, CpuState state)
{
    state.rip += instruction.length;
    if (!state.in_64_bit_mode()) {
        state.rip &= kLowHalf;
    }
    state.interrupt_shadow = false;
    state.rflags &= ~rflags::kResume;
    return state;
}

/// A 32-bit result clears the register's upper half.
void put_low(CpuState& state, Gpr reg, std::uint64_t value)
{
    state[reg] = value & kLowHalf;
}

void put_pair(CpuState& state, std::uint64_t value)
{
    put_low(state, Gpr::Rax, value);
    put_low(state, Gpr::Rdx, value >> 32);
}

std::uint64_t replace_low_bytes(std::uint64_t word, std::uint64_t value, unsigned bytes)
{
    const std::uint64_t mask = bytes == 8 ? ~std::uint64_t{0} : (std::uint64_t{1} << (8 * bytes)) - 1;
    return bytes == 4 ? value & mask : (word & ~mask) | (value & mask);
}

/// 1, 2 or 4: the low opcode bit, then the operand size prefix.
unsigned port_width(const Instruction& instruction)
{
    return (instruction.opcode & 1) == 0 ? 1 : instruction.operand_size ? 2 : 4;
}

Outcome finish(std::expected<CpuState, Fault> result, const CpuState& before, TransitionKind kind)
{
    if (!result) {
        return Faulted{result.error(), before};
    }
    return Executed{*result, kind};
}

OperandSize operand_size(const Instruction& instruction)
{
    return instruction.rex_w()        ? OperandSize::Bits64
           : instruction.operand_size ? OperandSize::Bits16
                                      : OperandSize::Bits32;
}

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
    default: return event(Event::Origin::Software, arch::Vector{instruction.immediate});
    }
}

} // namespace

Processor::Processor(model::PhysicalMemory memory, model::Vendor vendor, PortBus& ports,
                     std::function<std::uint64_t()> now, LocalApic* apic)
    : memory_(memory), vendor_(vendor), ports_(ports), apic_(apic), now_(std::move(now))
{
}

Outcome Processor::execute(const Instruction& instruction, const CpuState& before)
{
    switch (instruction.kind) {
    case Kind::Syscall: return finish(syscall(past(instruction, before), vendor_), before, TransitionKind::Syscall);
    case Kind::Sysret: {
        // SYSRET has no 16-bit form: the prefix is ignored.
        const OperandSize size = instruction.rex_w() ? OperandSize::Bits64 : OperandSize::Bits32;
        return finish(sysret(past(instruction, before), size, vendor_), before, TransitionKind::Sysret);
    }
    case Kind::Iret: {
        CpuState unblocked = before;
        unblocked.nmi_blocked = false; // also when it faults  [SDM 3A "Handling Multiple NMIs"]
        return finish(iret(past(instruction, before), memory_, operand_size(instruction), vendor_), unblocked,
                      TransitionKind::Iret);
    }
    case Kind::IntN:
    case Kind::Int3:
    case Kind::IntO:
    case Kind::Icebp: return software_event(instruction, before);
    case Kind::Swapgs: return finish(swapgs(past(instruction, before)), before, TransitionKind::GsSwap);
    case Kind::WriteFsBase:
    case Kind::WriteGsBase: return execute_write_base(instruction, before);
    case Kind::MoveToControl:
    case Kind::MoveFromControl:
    case Kind::MoveToDebug:
    case Kind::MoveFromDebug: return execute_move(instruction, before);
    case Kind::Rdmsr:
    case Kind::Wrmsr: return execute_msr(instruction, before);
    case Kind::Cpuid: return execute_cpuid(instruction, before);
    case Kind::Rdtsc:
    case Kind::Rdtscp: return execute_time_stamp(instruction, before);
    case Kind::Rdrand: return execute_rdrand(instruction, before);
    case Kind::Hlt:
        if (const auto allowed = check_privilege(before, model::PrivilegeRule::Ring0); !allowed) {
            return Faulted{allowed.error(), before};
        }
        return Executed{past(instruction, before), std::nullopt, false, true};
    case Kind::In:
    case Kind::Out: return execute_in_out(instruction, before);
    case Kind::InString:
    case Kind::OutString: return execute_string_io(instruction, before);
    case Kind::StoreSystem:
        if (const auto allowed = check_privilege(before, model::PrivilegeRule::Umip); !allowed) {
            return Faulted{allowed.error(), before};
        }
        return LeftToEngine{};
    case Kind::Sysenter: // CPUID does not report SEP
    case Kind::Sysexit:
    case Kind::Undefined: return Faulted{undefined(), before};
    default: return LeftToEngine{};
    }
}

Outcome Processor::execute_write_base(const Instruction& instruction, const CpuState& before)
{
    const auto which = instruction.kind == Kind::WriteFsBase ? model::BaseRegister::Fs : model::BaseRegister::Gs;
    const std::uint64_t value = before.gpr[instruction.rm()];
    auto result = write_base(past(instruction, before), which, instruction.rex_w() ? value : value & kLowHalf);
    return result ? Outcome(Executed{*result, std::nullopt}) : Faulted{result.error(), before};
}

Outcome Processor::execute_move(const Instruction& instruction, const CpuState& before)
{
    CpuState after = past(instruction, before);
    const std::uint64_t width = before.in_64_bit_mode() ? ~std::uint64_t{0} : kLowHalf;
    const std::uint64_t value = before.gpr[instruction.rm()] & width;
    const unsigned number = instruction.reg();
    switch (instruction.kind) {
    case Kind::MoveToControl: {
        auto result = mov_to_control_register(after, number, value);
        if (!result) {
            return Faulted{result.error(), before};
        }
        if (number == 8 && apic_ != nullptr) {
            apic_->set_cr8(result->cr8);
        }
        const bool other_table = number == 3 && arch::cr3::kTable.get(before.cr3 ^ result->cr3) != 0;
        return Executed{*result, other_table ? std::optional(TransitionKind::AddressSpace) : std::nullopt, true};
    }
    case Kind::MoveFromControl: {
        constexpr std::array<const std::uint64_t CpuState::*, 9> kRegisters = {
            &CpuState::cr0, nullptr, &CpuState::cr2, &CpuState::cr3, &CpuState::cr4,
            nullptr,        nullptr, nullptr,        &CpuState::cr8};
        if (number >= kRegisters.size() || kRegisters[number] == nullptr) {
            return Faulted{undefined(), before};
        }
        if (const auto allowed = check_privilege(before, model::PrivilegeRule::Ring0); !allowed) {
            return Faulted{allowed.error(), before};
        }
        after.gpr[instruction.rm()] = before.*kRegisters[number] & width;
        return Executed{after, std::nullopt};
    }
    case Kind::MoveToDebug: {
        auto result = write_debug_register(after, number, value);
        return result ? Outcome(Executed{*result, std::nullopt}) : Faulted{result.error(), before};
    }
    default: {
        const auto result = read_debug_register(before, number);
        if (!result) {
            return Faulted{result.error(), before};
        }
        after.gpr[instruction.rm()] = *result & width;
        return Executed{after, std::nullopt};
    }
    }
}

/// MSRs that every CPU has, that the model does not hold and that the machine pins.
std::optional<std::uint64_t> Processor::pinned_msr(std::uint32_t index) const
{
    constexpr std::uint32_t kTimeStampCounter = 0x10;
    constexpr std::uint64_t kPatAfterReset = 0x0007'0406'0007'0406; // [SDM 4 "IA32_PAT"]
    switch (index) {
    case kTimeStampCounter: return now_();
    case static_cast<std::uint32_t>(arch::Msr::IA32_PAT): return kPatAfterReset;
    default: return std::nullopt;
    }
}

/// An MSR of the local APIC, in ring 0.
Outcome Processor::execute_apic_msr(const Instruction& instruction, const CpuState& before)
{
    const auto index = static_cast<std::uint32_t>(before[Gpr::Rcx]);
    CpuState after = past(instruction, before);
    const auto refuse = [&](model::Reason reason) {
        return Faulted{model::raise(arch::Vector::GeneralProtection, reason, 0), before};
    };
    if (instruction.kind == Kind::Rdmsr) {
        const auto value = apic_->read_msr(index);
        if (!value) {
            return refuse(model::Reason::MsrUnknown);
        }
        put_pair(after, *value);
        return Executed{after, std::nullopt};
    }
    if (!apic_->write_msr(index, (before[Gpr::Rdx] & kLowHalf) << 32 | (before[Gpr::Rax] & kLowHalf))) {
        return refuse(model::Reason::MsrReservedBits);
    }
    after.cr8 = apic_->cr8();
    return Executed{after, std::nullopt};
}

Outcome Processor::execute_msr(const Instruction& instruction, const CpuState& before)
{
    const auto index = static_cast<std::uint32_t>(before[Gpr::Rcx]);
    if (before.cpl == 0 && apic_ != nullptr && apic_->has_msr(index)) {
        return execute_apic_msr(instruction, before);
    }
    CpuState after = past(instruction, before);
    if (instruction.kind == Kind::Rdmsr) {
        auto value = model::rdmsr(before, index);
        if (!value && value.error().reason == model::Reason::MsrUnmodelled) {
            if (const auto pinned = pinned_msr(index)) {
                value = *pinned;
            }
        }
        if (!value) {
            return Faulted{value.error(), before};
        }
        put_pair(after, *value);
        return Executed{after, std::nullopt};
    }
    const std::uint64_t value = (before[Gpr::Rdx] & kLowHalf) << 32 | (before[Gpr::Rax] & kLowHalf);
    auto result = model::wrmsr(after, index, value);
    return result ? Outcome(Executed{*result, std::nullopt}) : Faulted{result.error(), before};
}

Outcome Processor::execute_cpuid(const Instruction& instruction, const CpuState& before)
{
    CpuState after = past(instruction, before);
    const auto leaf = static_cast<std::uint32_t>(before[Gpr::Rax]);
    CpuidResult result = cpuid(vendor_, leaf, static_cast<std::uint32_t>(before[Gpr::Rcx]));
    const bool has_features = leaf == arch::cpuid::leaf::kFeatures || leaf == arch::cpuid::leaf::kExtendedFeatures;
    if (has_features && (apic_ == nullptr || !apic_->enabled())) {
        result.edx &= ~arch::cpuid::kApicEdx;
    }
    put_low(after, Gpr::Rax, result.eax);
    put_low(after, Gpr::Rbx, result.ebx);
    put_low(after, Gpr::Rcx, result.ecx);
    put_low(after, Gpr::Rdx, result.edx);
    return Executed{after, std::nullopt};
}

Outcome Processor::execute_time_stamp(const Instruction& instruction, const CpuState& before)
{
    if (const auto allowed = check_privilege(before, model::PrivilegeRule::Tsd); !allowed) {
        return Faulted{allowed.error(), before};
    }
    CpuState after = past(instruction, before);
    put_pair(after, now_());
    if (instruction.kind == Kind::Rdtscp) {
        put_low(after, Gpr::Rcx, before.tsc_aux);
    }
    return Executed{after, std::nullopt};
}

/// The same numbers in every run: the SplitMix64 sequence.  [Steele, Lea, Flood: "Fast splittable pseudorandom number
/// generators"]
Outcome Processor::execute_rdrand(const Instruction& instruction, const CpuState& before)
{
    CpuState after = past(instruction, before);
    random_ += 0x9e37'79b9'7f4a'7c15;
    std::uint64_t value = random_;
    value = (value ^ value >> 30) * 0xbf58'476d'1ce4'e5b9;
    value = (value ^ value >> 27) * 0x94d0'49bb'1331'11eb;
    value ^= value >> 31;
    std::uint64_t& destination = after.gpr[instruction.rm()];
    destination = replace_low_bytes(destination, value, static_cast<unsigned>(operand_size(instruction)));
    after.rflags = (after.rflags & ~rflags::kArithmetic) | rflags::kCarry; // CF = 1: a number was ready
    return Executed{after, std::nullopt};
}

Outcome Processor::execute_in_out(const Instruction& instruction, const CpuState& before)
{
    constexpr std::uint8_t kPortInDx = 0x08; // opcode bit: EC..EF rather than E4..E7
    const auto port = (instruction.opcode & kPortInDx) != 0 ? static_cast<std::uint16_t>(before[Gpr::Rdx])
                                                            : std::uint16_t{instruction.immediate};
    const unsigned width = port_width(instruction);
    if (const auto allowed = check_io(before, memory_, port, width); !allowed) {
        return Faulted{allowed.error(), before};
    }
    CpuState after = past(instruction, before);
    if (instruction.kind == Kind::In) {
        after[Gpr::Rax] = replace_low_bytes(before[Gpr::Rax], ports_.read(port, width), width);
    } else {
        const std::uint64_t mask = (std::uint64_t{1} << (8 * width)) - 1;
        ports_.write(port, width, static_cast<std::uint32_t>(before[Gpr::Rax] & mask));
    }
    return Executed{after, std::nullopt};
}

/// INS and OUTS: one iteration.  [SDM 2A INS, SDM 2B OUTS, REP]
Outcome Processor::execute_string_io(const Instruction& instruction, const CpuState& before)
{
    if (!before.in_64_bit_mode()) {
        return Faulted{{0, std::nullopt, std::nullopt, model::Reason::ModeUnmodelled}, before};
    }
    const std::uint64_t address_mask = instruction.address_size ? kLowHalf : ~std::uint64_t{0};
    const bool repeated = instruction.repeat || instruction.repeat_not_equal;
    CpuState after = past(instruction, before);
    if (repeated && (before[Gpr::Rcx] & address_mask) == 0) {
        return Executed{after, std::nullopt};
    }
    const auto port = static_cast<std::uint16_t>(before[Gpr::Rdx]);
    const unsigned width = port_width(instruction);
    if (const auto allowed = check_io(before, memory_, port, width); !allowed) {
        return Faulted{allowed.error(), before};
    }

    const bool input = instruction.kind == Kind::InString;
    constexpr std::uint8_t kFs = 0x64, kGs = 0x65; // the only overrides that count in 64-bit mode, and not for INS
    const std::uint64_t base = input                                 ? 0
                               : instruction.segment_override == kFs ? before.fs.base
                               : instruction.segment_override == kGs ? before.gs.base
                                                                     : 0;
    const Gpr index = input ? Gpr::Rdi : Gpr::Rsi;
    const std::uint64_t address = base + (before[index] & address_mask);
    std::array<std::byte, 4> buffer{};
    const auto bytes = std::span(buffer).first(width);
    const auto access = by_program(before, input ? model::AccessKind::Write : model::AccessKind::Read);
    // For INS this asks whether the write would be allowed, before the device is read.
    if (const auto done = read_linear(before, memory_, address, bytes, access, model::Reference::Data); !done) {
        return Faulted{done.error(), before};
    }
    if (input) {
        const std::uint32_t value = ports_.read(port, width);
        std::memcpy(buffer.data(), &value, sizeof value);
        if (const auto done = write_linear(before, memory_, address, bytes, access, model::Reference::Data); !done) {
            return Faulted{done.error(), before};
        }
    } else {
        std::uint32_t value = 0;
        std::memcpy(&value, buffer.data(), sizeof value);
        ports_.write(port, width, value);
    }

    const std::uint64_t step = (before.rflags & rflags::kDirection) != 0 ? std::uint64_t{0} - width : width;
    const unsigned address_bytes = instruction.address_size ? 4 : 8;
    after[index] = replace_low_bytes(before[index], before[index] + step, address_bytes);
    if (repeated) {
        after[Gpr::Rcx] = replace_low_bytes(before[Gpr::Rcx], before[Gpr::Rcx] - 1, address_bytes);
        if ((after[Gpr::Rcx] & address_mask) != 0) {
            after.rip = before.rip;
        }
    }
    return Executed{after, std::nullopt};
}

} // namespace ringcheck
