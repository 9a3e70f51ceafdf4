// SPDX-License-Identifier: GPL-2.0-or-later
// What an instruction took its decision from: the frame of IRET, selectors and descriptors, MSRs, control bits.
#include "arch/control_registers.h"
#include "arch/msr.h"
#include "arch/tss.h"
#include "explain/evidence.h"
#include "machine/operand.h"
#include "model/descriptor_table.h"
#include "model/legacy_paging.h"

#include <fmt/format.h>

#include <array>
#include <cstddef>
#include <string_view>

namespace ringcheck {
namespace {

using model::CpuState;
using model::Gpr;
using model::PhysicalMemory;
using model::Reason;

/// Of one of the operands that `at` pops.
std::uint64_t word_bytes(const InstructionAt& at)
{
    return at.decoded.rex_w()        ? sizeof(std::uint64_t)
           : at.decoded.operand_size ? sizeof(std::uint16_t)
                                     : sizeof(std::uint32_t);
}

Field decisive(Field one)
{
    one.decisive = true;
    return one;
}

Exhibit number(const char* name, std::uint64_t value)
{
    return {name, "", fmt::format("{:#x}", value), {}};
}

/// The words that IRETQ or a 64-bit far RET pops, and the segments that they name.
void add_return_frame(Evidence& evidence, const CpuState& state, const PhysicalMemory& memory,
                      std::span<const char* const> names, std::uint64_t bytes, Reason reason)
{
    constexpr std::uint64_t kWhole = sizeof(std::uint64_t);
    for (std::size_t i = 0; i != names.size(); ++i) {
        const std::uint64_t address = state[Gpr::Rsp] + bytes * i;
        const auto place = locate(state, memory, address);
        if (!place) {
            return;
        }
        const std::uint64_t whole = *memory.read_u64(*place);
        const std::uint64_t word = bytes == kWhole ? whole : whole & ((std::uint64_t{1} << 8 * bytes) - 1);
        const std::string_view name = names[i];
        evidence.frame.push_back({names[i], address, word});
        if (name == "CS" || name == "SS") {
            const auto value = static_cast<std::uint16_t>(word);
            Exhibit shown = selector(names[i], value, *place);
            shown.where = fmt::format("{:#x}", address);
            evidence.exhibits.push_back(std::move(shown));
            if (!model::is_null(value)) {
                Exhibit segment = descriptor(state, memory, value);
                segment.name = fmt::format("{} {}", names[i], segment.name);
                evidence.exhibits.push_back(std::move(segment));
            }
        } else if (name == "RIP" && !arch::is_canonical(word)) {
            evidence.exhibits.push_back(
                {"RIP", fmt::format("{:#x}", address), "", {decisive(address_field("address", word, *place))}});
        }
    }
    if (reason == Reason::IretNestedTask) {
        evidence.exhibits = {
            control_register("RFLAGS", &CpuState::rflags, state,
                             {decisive(flag("NT", arch::rflags::kNestedTask, state.rflags, &CpuState::rflags))})};
    }
    mark(evidence.exhibits, reason);
    evidence.exhibits.push_back(number("CPL", state.cpl));
}

void add_port(Evidence& evidence, const CpuState& state, const PhysicalMemory& memory, const InstructionAt& at,
              Reason reason)
{
    constexpr std::uint8_t kPortInDx = 0x08; // opcode bit: EC..EF rather than E4..E7
    const bool in_dx = (at.decoded.opcode & kPortInDx) != 0 || at.decoded.opcode < 0x70;
    const auto port = in_dx ? static_cast<std::uint16_t>(state[Gpr::Rdx]) : std::uint16_t{at.decoded.immediate};
    evidence.exhibits.push_back(number("port", port));
    evidence.exhibits.push_back(
        control_register("RFLAGS", &CpuState::rflags, state,
                         {decisive(field("IOPL", arch::rflags::kIopl, state.rflags, &CpuState::rflags))}));
    const auto base_at = locate(state, memory, state.tr.base + offsetof(arch::Tss, io_map_base));
    const auto* const host = base_at ? memory.at(*base_at, 2) : nullptr;
    if (host == nullptr) {
        return;
    }
    std::uint16_t base = 0;
    std::memcpy(&base, host, sizeof base);
    Exhibit map{"TSS.IOMAP", fmt::format("{:#x}", state.tr.base + base), "", {}};
    if (reason == Reason::IoBitmapDenies) {
        if (const auto byte = locate(state, memory, state.tr.base + base + port / 8)) {
            const unsigned bit = port % 8u;
            Field denied = decisive(field("", {bit, bit}, *memory.read_u64(*byte), *byte));
            denied.name = fmt::format("port{:#x}", port);
            map.fields.push_back(denied);
        }
    } else {
        map.fields.push_back({"", fmt::format("base {:#x}, TSS limit {:#x}", base, state.tr.limit), true});
    }
    evidence.exhibits.push_back(std::move(map));
}

/// What MOV to a control register was given, and the registers and tables that it does not fit.
void add_control(Evidence& evidence, const CpuState& state, const PhysicalMemory& memory, const InstructionAt& at,
                 Reason reason)
{
    evidence.exhibits.push_back(number("value", state.gpr[at.decoded.rm()]));
    const Exhibit efer =
        control_register("EFER", &CpuState::efer, state,
                         {decisive(flag("LME", arch::efer::kLongModeEnable, state.efer, &CpuState::efer))});
    const Exhibit cr4 =
        control_register("CR4", &CpuState::cr4, state,
                         {decisive(flag("PAE", arch::cr4::kPhysicalAddressExtension, state.cr4, &CpuState::cr4))});
    if (reason == Reason::Cr0LongModeWithoutPae) {
        evidence.exhibits.push_back(cr4);
    } else if (reason == Reason::PdpteReservedBits) {
        evidence.exhibits.push_back(efer);
        for (unsigned index = 0; index != model::kPdptes; ++index) {
            const arch::PhysAddr place = model::pdpte_address(state, index);
            const std::uint64_t word = memory.read_u64(place).value_or(0);
            const std::uint64_t refused = (word & 1) != 0 ? word & model::reserved_pdpte_bits() : 0;
            if (refused != 0) {
                evidence.exhibits.push_back({fmt::format("PDPTE[{}]", index),
                                             fmt::format("{:#x}", place.value),
                                             fmt::format("{:#018x}", word),
                                             {{"reserved", fmt::format("{:#x}", refused), true}}});
            }
        }
    }
}

void add_privilege(Evidence& evidence, const CpuState& state, Reason reason)
{
    evidence.exhibits.push_back(number("CPL", state.cpl));
    const auto control = [&](const char* bit, std::uint64_t mask) {
        evidence.exhibits.push_back(
            control_register("CR4", &CpuState::cr4, state, {decisive(flag(bit, mask, state.cr4, &CpuState::cr4))}));
    };
    switch (reason) {
    case Reason::InstructionIopl:
        evidence.exhibits.push_back(
            control_register("RFLAGS", &CpuState::rflags, state,
                             {decisive(field("IOPL", arch::rflags::kIopl, state.rflags, &CpuState::rflags))}));
        break;
    case Reason::InstructionUmip: control("UMIP", arch::cr4::kUserModeInstructionPrevention); break;
    case Reason::InstructionTsd: control("TSD", arch::cr4::kTimeStampDisable); break;
    case Reason::InstructionPce: control("PCE", arch::cr4::kPerformanceCounterEnable); break;
    case Reason::FsGsBaseNotEnabled: control("FSGSBASE", arch::cr4::kFsGsBase); break;
    case Reason::SyscallNotEnabled:
    case Reason::SysretNotEnabled:
        evidence.exhibits.push_back(
            control_register("EFER", &CpuState::efer, state,
                             {decisive(flag("SCE", arch::efer::kSyscallEnable, state.efer, &CpuState::efer))}));
        break;
    default: break;
    }
}

/// The selector in a register or in memory, and the offset before it that a far pointer has.
void add_operand(Evidence& evidence, const CpuState& state, const PhysicalMemory& memory, const InstructionAt& at)
{
    using Kind = InstructionKind;
    const Kind kind = at.decoded.kind;
    if (at.decoded.register_operand()) {
        evidence.exhibits.push_back(number("selector", state.gpr[at.decoded.rm()] & 0xffff));
        return;
    }
    const bool far = kind == Kind::FarCall || kind == Kind::FarJump || kind == Kind::LoadFarPointer;
    const std::uint64_t address =
        kind == Kind::PopSegment ? state[Gpr::Rsp] : linear_operand(at.decoded, state).address;
    const std::uint64_t bytes = !far                      ? 0
                                : at.decoded.rex_w()      ? sizeof(std::uint64_t)
                                : at.decoded.operand_size ? sizeof(std::uint16_t)
                                                          : sizeof(std::uint32_t);
    const auto offset_at = locate(state, memory, address), selector_at = locate(state, memory, address + bytes);
    if (!offset_at || !selector_at) {
        return;
    }
    if (far) {
        const std::uint64_t word = memory.read_u64(*offset_at).value_or(0);
        const std::uint64_t offset = bytes == sizeof word ? word : word & ((std::uint64_t{1} << 8 * bytes) - 1);
        evidence.exhibits.push_back({"offset", fmt::format("{:#x}", address), fmt::format("{:#x}", offset), {}});
    }
    const auto value = static_cast<std::uint16_t>(memory.read_u64(*selector_at).value_or(0));
    Exhibit shown = selector("selector", value, *selector_at);
    shown.where = fmt::format("{:#x}", address + bytes);
    evidence.exhibits.push_back(std::move(shown));
}

/// What a far transfer or a load of a segment, of TR or of LDTR was given, and the descriptor that it names.
void add_segment_load(Evidence& evidence, const CpuState& state, const PhysicalMemory& memory, const InstructionAt& at,
                      const model::Fault& fault)
{
    const std::uint32_t blamed = fault.error_code.value_or(0);
    if (blamed != 0) {
        evidence.exhibits.push_back(descriptor(state, memory, static_cast<std::uint16_t>(blamed)));
    } else if (fault.vector != static_cast<std::uint8_t>(arch::Vector::InvalidOpcode)) {
        add_operand(evidence, state, memory, at);
    }
    mark(evidence.exhibits, fault.reason);
    evidence.exhibits.push_back(number("CPL", state.cpl));
}

/// #UD and #NM of instructions that need the FPU or SSE.  [SDM 3A "Control Registers"]
void add_fpu_controls(Evidence& evidence, const CpuState& state)
{
    evidence.exhibits.push_back(control_register("CR0", &CpuState::cr0, state,
                                                 {flag("EM", arch::cr0::kEmulation, state.cr0, &CpuState::cr0),
                                                  flag("TS", arch::cr0::kTaskSwitched, state.cr0, &CpuState::cr0)}));
    evidence.exhibits.push_back(control_register("CR4", &CpuState::cr4, state,
                                                 {flag("OSFXSR", arch::cr4::kOsFxsr, state.cr4, &CpuState::cr4)}));
    for (Exhibit& one : evidence.exhibits) {
        for (Field& bit : one.fields) {
            bit.decisive = bit.name == "OSFXSR" ? bit.value == "0" : bit.value == "1";
        }
    }
}

constexpr const char* kIretFrame[] = {"RIP", "CS", "RFLAGS", "RSP", "SS"};
constexpr const char* kFarFrame[] = {"RIP", "CS"};

} // namespace

Evidence instruction_evidence(const CpuState& state, const PhysicalMemory& memory, const Finding& finding,
                              const InstructionAt& at)
{
    Evidence evidence;
    evidence.doing = "executing the instruction";
    evidence.access = finding.access;
    const Reason reason = finding.fault.reason;
    const std::string_view id = model::describe(reason).id;
    if (id.starts_with("iret-")) {
        add_return_frame(evidence, state, memory, kIretFrame, word_bytes(at), reason);
    } else if (id.starts_with("ret-")) {
        add_return_frame(evidence, state, memory, kFarFrame, word_bytes(at), reason);
    } else if (id.starts_with("load-") || id.starts_with("ltr-") || id.starts_with("lldt-") || id.starts_with("far-") ||
               id.starts_with("call-gate-")) {
        add_segment_load(evidence, state, memory, at, finding.fault);
    } else if (reason == Reason::OperandMisaligned) {
        evidence.exhibits.push_back(number("address", linear_operand(at.decoded, state).address));
    } else if (reason == Reason::SysretRcxNonCanonical) {
        evidence.exhibits.push_back({"RCX", "", "", {decisive(address_field("address", state[Gpr::Rcx], Gpr::Rcx))}});
    } else if (id.starts_with("msr-") || id.starts_with("efer-")) {
        const std::uint64_t value = state[Gpr::Rdx] << 32 | (state[Gpr::Rax] & 0xffff'ffff);
        evidence.exhibits.push_back(number("ECX", state[Gpr::Rcx] & 0xffff'ffff));
        evidence.exhibits.push_back(number("EDX:EAX", value));
    } else if (id.starts_with("cr") || id.starts_with("pdpte-")) {
        add_control(evidence, state, memory, at, reason);
    } else if (reason == Reason::TableBaseNonCanonical) {
        const std::uint64_t address = linear_operand(at.decoded, state).address + sizeof(std::uint16_t);
        if (const auto place = locate(state, memory, address)) {
            evidence.exhibits.push_back({"base",
                                         fmt::format("{:#x}", address),
                                         "",
                                         {decisive(address_field("address", *memory.read_u64(*place), *place))}});
        }
    } else if (id.starts_with("io-")) {
        add_port(evidence, state, memory, at, reason);
    } else if (finding.access && finding.fault.reason != Reason::InstructionRule) {
        evidence.exhibits = page_walk(state, memory, *finding.access, reason);
    } else if (reason == Reason::InstructionRule) {
        const bool wide = at.text.text.find("mm") != std::string::npos || at.text.mnemonic.starts_with('f');
        const bool device = finding.fault.vector == static_cast<std::uint8_t>(arch::Vector::DeviceNotAvailable);
        if (device || (wide && finding.fault.vector == static_cast<std::uint8_t>(arch::Vector::InvalidOpcode))) {
            add_fpu_controls(evidence, state);
        }
    } else {
        add_privilege(evidence, state, reason);
    }
    return evidence;
}

Evidence transition_evidence(const Transition& transition, const PhysicalMemory& memory)
{
    const CpuState& before = transition.before;
    Evidence evidence;
    switch (transition.kind) {
    case TransitionKind::Syscall:
        evidence.doing = "entering ring 0 by STAR, LSTAR and FMASK";
        evidence.exhibits = {{"STAR",
                              "",
                              fmt::format("{:#018x}", before.star),
                              {{"CS", fmt::format("{:#x}", transition.after.cs.selector)},
                               {"SS", fmt::format("{:#x}", transition.after.ss.selector)}}},
                             number("LSTAR", before.lstar),
                             number("FMASK", before.fmask),
                             number("RCX", transition.after[Gpr::Rcx]),
                             number("R11", transition.after[Gpr::R11])};
        break;
    case TransitionKind::Sysret:
        evidence.doing = "returning to ring 3 by STAR, RCX and R11";
        evidence.exhibits = {{"STAR",
                              "",
                              fmt::format("{:#018x}", before.star),
                              {{"CS", fmt::format("{:#x}", transition.after.cs.selector)},
                               {"SS", fmt::format("{:#x}", transition.after.ss.selector)}}},
                             number("RCX", before[Gpr::Rcx]),
                             number("R11", before[Gpr::R11])};
        break;
    case TransitionKind::Iret:
        evidence.doing = "returning by the frame on the stack";
        add_return_frame(evidence, before, memory, kIretFrame, word_bytes(instruction_at(before, memory)),
                         Reason::None);
        break;
    case TransitionKind::AddressSpace:
        evidence.doing = "loading other page tables";
        evidence.exhibits = {number("CR3", before.cr3), number("new CR3", transition.after.cr3)};
        break;
    case TransitionKind::GsSwap:
        evidence.doing = "exchanging GS base and KERNEL_GS_BASE";
        evidence.exhibits = {number("GS base", before.gs.base), number("KERNEL_GS_BASE", before.kernel_gs_base)};
        break;
    default: break;
    }
    return evidence;
}

} // namespace ringcheck
