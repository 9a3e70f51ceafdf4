// SPDX-License-Identifier: GPL-2.0-or-later
#include "explain/question.h"

#include "arch/control_registers.h"
#include "machine/devices/port_bus.h"
#include "machine/processor.h"
#include "model/privilege.h"

#include <algorithm>
#include <utility>

namespace ringcheck {
namespace {

using model::AccessKind;
using model::CpuState;
using model::Event;
using model::Fault;
using model::PhysicalMemory;
using model::Reason;

constexpr auto kPageFault = static_cast<std::uint8_t>(arch::Vector::PageFault);
constexpr auto kGeneralProtection = static_cast<std::uint8_t>(arch::Vector::GeneralProtection);

/// The machine's own processor with no device behind it: a fault is found before any device is touched.
std::optional<Fault> execute(const Instruction& instruction, const CpuState& state, const PhysicalMemory& memory,
                             model::Vendor vendor, const model::Features& features)
{
    PortBus nothing([](const std::string&) {});
    Processor processor(memory, vendor, features, nothing, [] { return std::uint64_t{0}; });
    const Outcome outcome = processor.execute(instruction, state);
    const auto* const faulted = std::get_if<Faulted>(&outcome);
    return faulted == nullptr ? std::nullopt : std::optional(faulted->fault);
}

Question ask_access(const MemoryAccess& what)
{
    return [what](const CpuState& state, const PhysicalMemory& memory) -> std::optional<Fault> {
        const auto page = walk(state, memory, what.address, what.access);
        if (page) {
            return std::nullopt;
        }
        if (page.error().reason == Reason::AddressNonCanonical && what.stack) {
            return raise(arch::Vector::StackFault, Reason::StackNonCanonical, 0);
        }
        return page.error();
    };
}

Finding refused_access(const Fault& fault, const MemoryAccess& what)
{
    return {fault, what, ask_access(what)};
}

/// The rule of an instruction that the engine executes and that depends on CPL.  [SDM 3A "Privileged Instructions"]
std::optional<model::PrivilegeRule> privilege_rule(const InstructionAt& instruction)
{
    using model::PrivilegeRule;
    static constexpr std::pair<const char*, PrivilegeRule> kRules[] = {
        {"cli", PrivilegeRule::Iopl},     {"sti", PrivilegeRule::Iopl},     {"clts", PrivilegeRule::Ring0},
        {"lgdt", PrivilegeRule::Ring0},   {"lgdtq", PrivilegeRule::Ring0},  {"lidt", PrivilegeRule::Ring0},
        {"lidtq", PrivilegeRule::Ring0},  {"lldt", PrivilegeRule::Ring0},   {"lldtw", PrivilegeRule::Ring0},
        {"ltr", PrivilegeRule::Ring0},    {"ltrw", PrivilegeRule::Ring0},   {"lmsw", PrivilegeRule::Ring0},
        {"lmsww", PrivilegeRule::Ring0},  {"invlpg", PrivilegeRule::Ring0}, {"invd", PrivilegeRule::Ring0},
        {"wbinvd", PrivilegeRule::Ring0}, {"xsetbv", PrivilegeRule::Ring0}, {"hlt", PrivilegeRule::Ring0},
        {"swapgs", PrivilegeRule::Ring0}, {"rdpmc", PrivilegeRule::Pce}};
    for (const auto& [mnemonic, rule] : kRules) {
        if (instruction.text.mnemonic == mnemonic) {
            return rule;
        }
    }
    return std::nullopt;
}

bool inside_instruction(std::uint64_t address, const CpuState& state)
{
    return address - state.rip < kLongestInstruction;
}

/// The access that a #PF tells of by CR2 and its error code.
/// [SDM 3A "Page-Fault Exceptions"]
Finding page_fault_reason(const CpuState& before, const Event& event, const InstructionAt& instruction,
                          const PhysicalMemory& memory)
{
    namespace code = arch::page_fault;
    const std::uint32_t error = event.error_code.value_or(0);
    const std::uint64_t address = event.cr2.value_or(before.cr2);
    const bool user = (error & code::kUser) != 0;
    MemoryAccess what{address, {AccessKind::Read, user, before.cpl == 3 && !user}};
    for (const MemoryOperand& operand : instruction.text.memory) {
        what.uses_gs |= operand.uses_gs;
    }
    const AccessKind told = (error & code::kFetch) != 0   ? AccessKind::Fetch
                            : (error & code::kWrite) != 0 ? AccessKind::Write
                                                          : AccessKind::Read;
    // Without EFER.NXE and CR4.SMEP the error code does not tell fetches from reads, and the engine reports the first
    // half of a read-modify-write: a read.
    for (const AccessKind kind : {told, AccessKind::Fetch, AccessKind::Write}) {
        if (kind == AccessKind::Fetch && told != kind && !inside_instruction(address, before)) {
            continue;
        }
        what.access.kind = kind;
        if (const auto page = walk(before, memory, address, what.access); !page) {
            return refused_access(page.error(), what);
        }
    }
    what.access.kind = told;
    return {{event.vector, event.error_code, event.cr2, Reason::InstructionRule}, what, {}};
}

/// An operand's address was refused, which is told with the access.
bool refuses_address(Reason reason)
{
    return reason <= Reason::PageSmap && reason >= Reason::AddressNonCanonical;
}

/// Addresses that an instruction touches or goes to.
std::vector<MemoryAccess> addresses_of(const CpuState& before, const InstructionAt& instruction,
                                       const PhysicalMemory& memory)
{
    const bool user = before.cpl == 3;
    std::vector<MemoryAccess> all;
    all.reserve(instruction.text.memory.size() + 2);
    all.push_back({before.rip, {AccessKind::Fetch, user, false}});
    for (const MemoryOperand& operand : instruction.text.memory) {
        all.push_back({operand.address, {AccessKind::Read, user, false}, operand.stack, operand.uses_gs});
    }
    if (instruction.text.target) {
        all.push_back({*instruction.text.target, {AccessKind::Fetch, user, false}});
    }
    if (instruction.text.target_in_memory && !instruction.text.memory.empty()) {
        const auto page = walk(before, memory, all.back().address, all.back().access);
        if (const auto word = page ? memory.read_u64(page->address) : std::nullopt) {
            all.push_back({*word, {AccessKind::Fetch, user, false}});
        }
    }
    return all;
}

} // namespace

InstructionAt instruction_at(const CpuState& state, const PhysicalMemory& memory)
{
    CpuState looking = state;
    looking.cr4 &= ~arch::cr4::kSmap; // user code is looked at as data, by the supervisor
    InstructionAt result;
    for (std::uint64_t at = state.rip; result.bytes.size() < kLongestInstruction; ++at) {
        const auto page = walk(looking, memory, at, {AccessKind::Read, false, false});
        const std::byte* const host = page ? memory.at(page->address, 1) : nullptr;
        if (host == nullptr) {
            break;
        }
        result.bytes.push_back(*host);
    }
    result.decoded = classify(result.bytes, state.in_64_bit_mode());
    result.text = disassemble(result.bytes, state);
    return result;
}

Finding find_reason(const CpuState& before, const Event& event, const InstructionAt& instruction,
                    const PhysicalMemory& memory, model::Vendor vendor, const model::Features& features)
{
    Finding unplaced{{event.vector, event.error_code, event.cr2, Reason::InstructionRule}, std::nullopt, {}};
    const bool fetched = event.vector != kPageFault || !event.cr2 || *event.cr2 != before.rip;
    if (fetched) {
        const Question again = [decoded = instruction.decoded, vendor, features](const CpuState& state,
                                                                                 const PhysicalMemory& changed) {
            return execute(decoded, state, changed, vendor, features);
        };
        const auto fault = again(before, memory);
        if (fault && fault->vector == event.vector && fault->error_code == event.error_code) {
            unplaced = {*fault, std::nullopt, again};
            if (!refuses_address(fault->reason)) {
                return unplaced;
            }
        }
    }
    if (event.vector == kPageFault) {
        return page_fault_reason(before, event, instruction, memory);
    }
    if (event.vector == kGeneralProtection && event.error_code.value_or(0) == 0) {
        if (const auto rule = privilege_rule(instruction)) {
            const Question again = [rule](const CpuState& state, const PhysicalMemory&) -> std::optional<Fault> {
                const auto allowed = check_privilege(state, *rule);
                return allowed ? std::nullopt : std::optional(allowed.error());
            };
            if (const auto fault = again(before, memory)) {
                return {*fault, std::nullopt, again};
            }
        }
    }
    for (const MemoryAccess& what : addresses_of(before, instruction, memory)) {
        const auto fault = ask_access(what)(before, memory);
        if (fault && fault->vector == event.vector) {
            return refused_access(*fault, what);
        }
    }
    return unplaced;
}

} // namespace ringcheck
