// SPDX-License-Identifier: GPL-2.0-or-later
#include "watch/rules_entry_window.h"

#include "arch/exception.h"
#include "watch/address_lookup.h"
#include "watch/rules.h"
#include "watch/rules_list.h"

#include <fmt/format.h>

#include <utility>

namespace ringcheck {
namespace {

using Texts = std::pair<std::string, std::string>;
using model::Gpr;

} // namespace

void EntryWindowRules::on_transition(const Transition& transition)
{
    const model::CpuState& before = transition.before;
    if (transition.kind == TransitionKind::Exception &&
        transition.vector == static_cast<std::uint8_t>(arch::Vector::PageFault)) {
        report_.require(rules::kCr2ReadFirst, !unread_cr2_, [&] {
            return Texts{fmt::format("CR2 of the page fault at instruction {} is read", *unread_cr2_),
                         fmt::format("another page fault overwrites it with {:#x}", transition.after.cr2)};
        });
        unread_cr2_ = transition.count;
    }
    if (!transition.changes_ring()) {
        return;
    }
    if (before.cpl == 3) {
        left_ = Left{before[Gpr::Rsp], before.gs.base, before.kernel_gs_base};
        awaits_stack_ = transition.kind == TransitionKind::Syscall;
    } else {
        left_.reset();
        awaits_stack_ = false;
        unread_cr2_.reset(); // whatever it was, it has been dealt with
    }
}

void EntryWindowRules::on_instruction(const InstructionLook& look, std::optional<std::uint64_t> rsp0)
{
    if (look.state.cpl != 0) {
        return;
    }
    check_cr2(look);
    if (left_) {
        check_interrupt_flag(look);
        check_stack(look, rsp0);
        check_gs(look);
    }
}

void EntryWindowRules::check_cr2(const InstructionLook& look)
{
    constexpr unsigned kCr2 = 2;
    if (!unread_cr2_) {
        return;
    }
    if (look.instruction.kind == InstructionKind::MoveFromControl && look.instruction.reg() == kCr2) {
        unread_cr2_.reset();
        return;
    }
    const bool on = (look.state.rflags & arch::rflags::kInterrupt) != 0;
    report_.require(rules::kCr2ReadFirst, !on, [&] {
        return Texts{
            fmt::format("interrupts stay off until CR2 of the page fault at instruction {} is read", *unread_cr2_),
            "IF 1"};
    });
    if (on) {
        unread_cr2_.reset(); // told once
    }
}

void EntryWindowRules::check_interrupt_flag(const InstructionLook& look)
{
    const model::CpuState& state = look.state;
    if ((state.rflags & arch::rflags::kInterrupt) == 0) {
        return;
    }
    const std::uint64_t rsp = state[Gpr::Rsp];
    const auto page = lookup(context_.memory.physical(), state, arch::VirtAddr{rsp - 1});
    const bool on_users = (awaits_stack_ && rsp == left_->rsp) || (page && page->user);
    report_.require(rules::kInterruptsOffOnUserStack, !on_users, [&] {
        const Program& program = context_.processes.program_with_cr3(state.cr3);
        return Texts{"IF 0 while RSP is the user's", "IF 1, RSP " + context_.symbols.stack(rsp, program)};
    });
}

/// By the description of the stacks; without one, that it is memory which ring 3 has no right to.
bool EntryWindowRules::is_kernel_stack(const model::CpuState& state, const DataAccess& store,
                                       std::optional<std::uint64_t> rsp0) const
{
    const StackRegion& stacks = context_.guest.kernel_stacks;
    if (stacks.stride != 0 && rsp0) {
        const std::uint64_t end = store.address + store.bytes;
        const auto place = stacks.locate(end);
        return place && !place->guard && end + place->below_top == *rsp0;
    }
    const auto page = lookup(context_.memory.physical(), state, arch::VirtAddr{store.address});
    return page && !page->user;
}

void EntryWindowRules::check_stack(const InstructionLook& look, std::optional<std::uint64_t> rsp0)
{
    if (!awaits_stack_) {
        return;
    }
    for (const DataAccess& access : look.accesses) {
        if (!access.write || !access.stack) {
            continue;
        }
        awaits_stack_ = false;
        report_.require(rules::kKernelStackBeforeStore, is_kernel_stack(look.state, access, rsp0), [&] {
            const Program& program = context_.processes.program_with_cr3(look.state.cr3);
            return Texts{"a store on the stack below TSS.RSP0, " +
                             (rsp0 ? context_.symbols.stack(*rsp0) : "unreadable"),
                         fmt::format("a store to {}, RSP {}", context_.symbols.stack(access.address, program),
                                     context_.symbols.stack(look.state[Gpr::Rsp], program))};
        });
        return;
    }
}

void EntryWindowRules::check_gs(const InstructionLook& look)
{
    if (!look.uses_gs()) {
        return;
    }
    const model::CpuState& state = look.state;
    const bool described = context_.guest.has_per_cpu_block();
    // A guest of which nothing is known uses SWAPGS when the two bases differ; then ring 3's is not for ring 0.
    const bool users =
        left_->kernel_gs_base != 0 && left_->kernel_gs_base != left_->gs_base && state.gs.base == left_->gs_base;
    const bool kernels = described ? is_per_cpu_block(context_, state, state.gs.base) : !users;
    report_.require(rules::kKernelGsBeforeUse, kernels, [&] {
        return Texts{"GS base the kernel's where GS is used",
                     fmt::format("GS base {:#x}, IA32_KERNEL_GS_BASE {:#x}; ring 3 was left with GS base {:#x}",
                                 state.gs.base, state.kernel_gs_base, left_->gs_base)};
    });
}

} // namespace ringcheck
