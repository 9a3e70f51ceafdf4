// SPDX-License-Identifier: GPL-2.0-or-later
// Rules at each entry to ring 3: selectors, flags, page tables, the next kernel stack, GS, ports.
#include "arch/bits.h"
#include "arch/tss.h"
#include "watch/rules.h"
#include "watch/rules_list.h"

#include <fmt/format.h>

#include <cstddef>
#include <utility>

namespace ringcheck {
namespace {

using Texts = std::pair<std::string, std::string>;

void check_selectors(RuleReport& report, const GuestDescription& guest, const model::CpuState& state)
{
    if (guest.user_code_selector == 0) {
        return;
    }
    const bool holds = state.cpl == 3 && state.cs.selector == guest.user_code_selector &&
                       state.ss.selector == guest.user_data_selector;
    report.require(rules::kUserEntrySelectors, holds, [&] {
        return Texts{fmt::format("CPL 3, CS {:#x}, SS {:#x}", guest.user_code_selector, guest.user_data_selector),
                     fmt::format("CPL {}, CS {:#x}, SS {:#x}", state.cpl, state.cs.selector, state.ss.selector)};
    });
}

/// A thread that another made by a call begins with the flags of its maker, who may have gone since.
bool was_made_by_a_thread(const RuleContext& context, const UserEntry& entry)
{
    return context.guest.has_landmarks() && !entry.first && entry.left == nullptr;
}

void check_flags(RuleReport& report, const RuleContext& context, const UserEntry& entry)
{
    using namespace arch::rflags;
    constexpr std::uint64_t kOwn = kAlignmentCheck | kNestedTask;
    constexpr std::uint64_t kChecked = kInterrupt | kIopl.mask() | kVirtual8086 | kOwn;
    const std::uint64_t actual = entry.transition.after.rflags & kChecked;
    const bool returns = entry.left != nullptr && entry.left->outside;
    const bool restored = returns && entry.left->way_back == WayBack::Restored; // its memory says what it gets
    const std::uint64_t before = restored || was_made_by_a_thread(context, entry) ? actual
                                 : returns                                        ? entry.left->state.rflags
                                                                                  : 0;
    const std::uint64_t expected = kInterrupt | (before & kOwn);
    report.require(rules::kUserEntryFlags, actual == expected, [&] {
        const auto text = [](std::uint64_t flags) {
            return fmt::format("IF {:d}, IOPL {}, VM {:d}, AC {:d}, NT {:d}", (flags & kInterrupt) != 0,
                               kIopl.get(flags), (flags & kVirtual8086) != 0, (flags & kAlignmentCheck) != 0,
                               (flags & kNestedTask) != 0);
        };
        return Texts{text(expected), text(actual)};
    });
}

void check_cr3(RuleReport& report, const RuleContext& context, const UserEntry& entry)
{
    if (!context.guest.has_landmarks()) {
        return;
    }
    const std::uint64_t cr3 = entry.transition.after.cr3;
    const Process* const process = context.processes.with_cr3(cr3);
    const bool own = entry.left == nullptr || (process != nullptr && process->table == entry.left->table);
    report.require(rules::kUserEntryCr3, process != nullptr && own, [&] {
        const std::string owner = process == nullptr ? "of no live process" : "of process " + process->program.name;
        const Process* const right = entry.left == nullptr ? nullptr : context.processes.with_cr3(entry.left->table);
        return Texts{right == nullptr ? "the page tables of a live process"
                                      : fmt::format("CR3 {:#x}, of process {}", right->table, right->program.name),
                     fmt::format("CR3 {:#x}, {}", cr3, owner)};
    });
}

void check_rsp0(RuleReport& report, const RuleContext& context, const UserEntry& entry)
{
    if (context.guest.kernel_stacks.stride == 0) {
        return;
    }
    const model::CpuState& state = entry.transition.after;
    const auto place = context.guest.kernel_stacks.locate(entry.rsp0.value_or(0));
    const bool is_top = place && place->below_top == 0;
    // With a wrong IA32_KERNEL_GS_BASE there is no slot to compare with; user-entry-gs reports that.
    std::optional<std::uint64_t> slot = entry.rsp0;
    if (const auto& described = context.guest.kernel_stack_slot) {
        if (!described->from_gs) {
            slot = context.memory.read_u64(state, arch::VirtAddr{described->place});
        } else if (is_per_cpu_block(context, state, state.kernel_gs_base)) {
            slot = context.memory.read_u64(state, arch::VirtAddr{state.kernel_gs_base + described->place});
        }
    }
    report.require(rules::kUserEntryRsp0, is_top && slot == entry.rsp0, [&] {
        const auto name = [&](std::optional<std::uint64_t> value) {
            return value ? context.symbols.stack(*value) : std::string("unreadable");
        };
        return Texts{"the top of a kernel stack in both",
                     fmt::format("TSS.RSP0 {}, per-CPU slot {}", name(entry.rsp0), name(slot))};
    });
}

/// On the way out by IRET the frame's place tells which stack is left and what is still on it; SYSRET runs with the
/// user's RSP already.
void check_stack_left(RuleReport& report, const RuleContext& context, const UserEntry& entry)
{
    constexpr std::uint64_t kFrameBytes = 5 * sizeof(std::uint64_t);
    const std::uint64_t above_frame = entry.transition.before[model::Gpr::Rsp] + kFrameBytes;
    const auto place = context.guest.kernel_stacks.locate(above_frame);
    if (entry.transition.kind != TransitionKind::Iret || !place || place->guard) {
        return;
    }
    const std::uint64_t top = above_frame + place->below_top;
    report.require(rules::kUserEntryRunningStack, !entry.rsp0 || *entry.rsp0 == top, [&] {
        return Texts{"TSS.RSP0 " + context.symbols.stack(top), "TSS.RSP0 " + context.symbols.stack(*entry.rsp0)};
    });
    report.require(rules::kUserEntryStackEmpty, place->below_top == 0, [&] {
        return Texts{"the frame right below " + context.symbols.stack(top),
                     fmt::format("{} bytes between the frame and {}", place->below_top, context.symbols.stack(top))};
    });
}

void check_debug_registers(RuleReport& report, const model::CpuState& state)
{
    const std::uint64_t on = state.dr7 & (arch::dr7::kEnables.mask() | arch::dr7::kGeneralDetect);
    report.require(rules::kUserEntryDr7, on == 0, [&] {
        return Texts{"DR7 with every Ln, Gn and GD 0",
                     fmt::format("DR7 {:#x}, DR0 {:#x}, DR1 {:#x}, DR2 {:#x}, DR3 {:#x}", state.dr7, state.dr0,
                                 state.dr1, state.dr2, state.dr3)};
    });
}

void check_gs(RuleReport& report, const RuleContext& context, const UserEntry& entry)
{
    if (!context.guest.has_per_cpu_block()) {
        return;
    }
    const model::CpuState& state = entry.transition.after;
    const bool holds =
        !context.guest.is_kernel_address(state.gs.base) && is_per_cpu_block(context, state, state.kernel_gs_base);
    report.require(rules::kUserEntryGs, holds, [&] {
        return Texts{"GS base none of the kernel's, IA32_KERNEL_GS_BASE the address of the per-CPU block",
                     fmt::format("GS base {:#x}, IA32_KERNEL_GS_BASE {:#x}", state.gs.base, state.kernel_gs_base)};
    });
}

} // namespace

void check_io_map(RuleReport& report, const RuleContext& context, const model::CpuState& state)
{
    // The base is the upper quarter of the last whole word of the TSS.
    constexpr std::uint64_t kLastWord = sizeof(arch::Tss) - sizeof(std::uint64_t);
    constexpr arch::Bits kBase = arch::bits<63, 48>;
    static_assert(offsetof(arch::Tss, io_map_base) == kLastWord + 6);
    const auto word = context.memory.read_u64(state, arch::VirtAddr{state.tr.base + kLastWord});
    const std::uint64_t base = kBase.get(word.value_or(0));
    // One that the TSS is too short to hold lets no port through.
    const bool holds = state.tr.limit < sizeof(arch::Tss) - 1 || (word && base >= sizeof(arch::Tss));
    report.require(rules::kUserEntryIoMap, holds, [&] {
        return Texts{fmt::format("a base of at least {:#x}; above the TSS's limit {:#x} it stands for no map",
                                 sizeof(arch::Tss), state.tr.limit),
                     word ? fmt::format("base {:#x}", base) : "a TSS that is not mapped"};
    });
}

void check_user_entry(RuleReport& report, const RuleContext& context, const UserEntry& entry)
{
    check_selectors(report, context.guest, entry.transition.after);
    check_flags(report, context, entry);
    check_cr3(report, context, entry);
    check_rsp0(report, context, entry);
    check_stack_left(report, context, entry);
    check_debug_registers(report, entry.transition.after);
    check_gs(report, context, entry);
}

} // namespace ringcheck
