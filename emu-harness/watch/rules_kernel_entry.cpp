// SPDX-License-Identifier: GPL-2.0-or-later
// Rules at an entry to ring 0: flags, GS base and stack when the first high-level function runs.
#include "arch/control_registers.h"
#include "arch/exception.h"
#include "arch/idt_gate.h"
#include "arch/tss.h"
#include "watch/address_lookup.h"
#include "watch/rules.h"
#include "watch/rules_list.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace ringcheck {
namespace {

using Texts = std::pair<std::string, std::string>;

bool on_interrupt_stack(const RuleContext& context, const model::CpuState& state)
{
    const std::uint64_t rsp = state[model::Gpr::Rsp];
    for (std::size_t i = 0; i < 7; ++i) {
        const auto top = context.memory.read_u64(
            state, arch::VirtAddr{state.tr.base + offsetof(arch::Tss, ist) + i * sizeof(std::uint64_t)});
        if (top && *top != 0 && rsp <= *top && *top - rsp < context.guest.kernel_stacks.size) {
            return true;
        }
    }
    return false;
}

} // namespace

void check_syscall_entry(RuleReport& report, const Transition& transition)
{
    using namespace arch::rflags;
    const std::uint64_t flags = transition.after.rflags;
    constexpr std::uint64_t kClear = kInterrupt | kDirection | kAlignmentCheck | kTrap | kNestedTask;
    report.require(rules::kSyscallEntryFlags, (flags & kClear) == 0, [&] {
        return Texts{"IF 0, DF 0, AC 0, TF 0, NT 0",
                     fmt::format("IF {:d}, DF {:d}, AC {:d}, TF {:d}, NT {:d}", (flags & kInterrupt) != 0,
                                 (flags & kDirection) != 0, (flags & kAlignmentCheck) != 0, (flags & kTrap) != 0,
                                 (flags & kNestedTask) != 0)};
    });
}

void check_gate(RuleReport& report, const RuleContext& context, const model::CpuState& before,
                const model::Event& event)
{
    const bool by_instruction =
        event.origin == model::Event::Origin::Software || event.origin == model::Event::Origin::PrivilegedSoftware;
    if ((by_instruction && before.cpl == 3) || (before.efer & arch::efer::kLongModeActive) == 0) {
        return; // a program may try any INT n; without long mode there are other gates
    }
    const std::uint64_t offset = std::uint64_t{event.vector} * sizeof(arch::IdtGate);
    const arch::VirtAddr place{before.idtr.base + offset};
    const bool inside = offset + sizeof(arch::IdtGate) - 1 <= before.idtr.limit;
    const auto low = inside ? context.memory.read_u64(before, place) : std::nullopt;
    const auto high = inside ? context.memory.read_u64(before, place + sizeof(std::uint64_t)) : std::nullopt;
    const arch::IdtGate gate{low.value_or(0), high.value_or(0)};
    const bool usable =
        gate.present() && (gate.type() == arch::IdtGate::kTypeInterrupt || gate.type() == arch::IdtGate::kTypeTrap);
    const auto handler = lookup(context.memory.physical(), before, arch::VirtAddr{gate.handler()});
    report.require(rules::kPopulatedGates, usable && handler && handler->executable, [&] {
        const char* const what = !inside           ? "beyond the IDT's limit"
                                 : !low || !high   ? "in memory that is not mapped"
                                 : !gate.present() ? "not present"
                                 : !usable         ? "no interrupt or trap gate"
                                 : !handler        ? "for a handler that is not mapped"
                                                   : "for a handler that is not executable";
        return Texts{"a present gate with an executable handler",
                     fmt::format("the gate of vector {} ({}) is {}: {:#018x} {:#018x}, handler {}", event.vector,
                                 arch::mnemonic(event.vector), what, gate.low, gate.high,
                                 context.symbols.code(gate.handler(), 0, ""))};
    });
}

void check_entry_point(RuleReport& report, const RuleContext& context, const Transition& transition)
{
    const std::vector<std::uint64_t>& entries = context.guest.kernel_entries;
    if (entries.empty()) {
        return;
    }
    const std::uint64_t rip = transition.after.rip;
    report.require(rules::kKernelEntryPoint, std::ranges::find(entries, rip) != entries.end(), [&] {
        std::string names;
        for (const std::uint64_t entry : entries) {
            names += (names.empty() ? "" : ", ") + context.symbols.code(entry, 0, "");
        }
        return Texts{"one of " + names, context.symbols.code(rip, 0, "")};
    });
}

void check_dispatch(RuleReport& report, const RuleContext& context, const model::CpuState& state,
                    std::optional<std::uint64_t> rsp0)
{
    using namespace arch::rflags;
    constexpr std::uint64_t kClear = kDirection | kAlignmentCheck | kTrap | kNestedTask;
    report.require(rules::kKernelFlagsAtDispatch, (state.rflags & kClear) == 0, [&] {
        return Texts{"DF 0, AC 0, TF 0, NT 0",
                     fmt::format("DF {:d}, AC {:d}, TF {:d}, NT {:d}", (state.rflags & kDirection) != 0,
                                 (state.rflags & kAlignmentCheck) != 0, (state.rflags & kTrap) != 0,
                                 (state.rflags & kNestedTask) != 0)};
    });
    if (context.guest.has_per_cpu_block()) {
        report.require(rules::kKernelGsAtDispatch, is_per_cpu_block(context, state, state.gs.base), [&] {
            return Texts{"the address of the per-CPU block",
                         fmt::format("GS base {:#x}, IA32_KERNEL_GS_BASE {:#x}", state.gs.base, state.kernel_gs_base)};
        });
    }
    if (!rsp0 || context.guest.kernel_stacks.stride == 0) {
        return;
    }
    const std::uint64_t rsp = state[model::Gpr::Rsp];
    const auto place = context.guest.kernel_stacks.locate(rsp);
    const bool own = place && !place->guard && rsp + place->below_top == *rsp0;
    report.require(rules::kKernelStackAtDispatch, own || on_interrupt_stack(context, state), [&] {
        return Texts{"RSP on the stack below TSS.RSP0, " + context.symbols.stack(*rsp0),
                     "RSP " + context.symbols.stack(rsp, context.processes.program_with_cr3(state.cr3))};
    });
}

} // namespace ringcheck
