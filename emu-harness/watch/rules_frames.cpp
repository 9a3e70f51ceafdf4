// SPDX-License-Identifier: GPL-2.0-or-later
#include "watch/rules_frames.h"

#include "watch/rules_list.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace ringcheck {
namespace {

using Texts = std::pair<std::string, std::string>;

bool is_event(const Transition& transition)
{
    switch (transition.kind) {
    case TransitionKind::Exception:
    case TransitionKind::Interrupt:
    case TransitionKind::Nmi:
    case TransitionKind::SoftwareInterrupt: return true;
    default: return false;
    }
}

} // namespace

void FrameRules::on_transition(const Transition& transition)
{
    if (transition.kind == TransitionKind::GsSwap) {
        ++swaps_;
        return;
    }
    if (is_event(transition)) {
        pushed(transition);
    } else if (transition.kind == TransitionKind::Iret) {
        returned(transition);
    }
    if (!transition.changes_ring()) {
        return;
    }
    if (transition.before.cpl == 3) {
        ++visits_;
        swaps_ = 0;
        kernel_gs_base_ = transition.before.kernel_gs_base;
    } else {
        check_gs_bases(transition);
    }
}

void FrameRules::pushed(const Transition& transition)
{
    if (frames_.size() >= kMostFrames) {
        frames_.clear();
    }
    const std::uint64_t error_code_bytes = transition.error_code ? sizeof(std::uint64_t) : 0;
    Frame& frame = frames_[transition.after[model::Gpr::Rsp] + error_code_bytes];
    frame = Frame{};
    frame.pushed_at = transition.count;
    frame.gs_base = transition.before.gs.base;
    frame.from_user = transition.before.cpl == 3;
    if (transition.kind == TransitionKind::Interrupt) {
        interrupted(*transition.vector, transition.after[model::Gpr::Rsp]);
    }
    accepted_.reset();
}

void FrameRules::returned(const Transition& transition)
{
    const auto found = frames_.find(transition.before[model::Gpr::Rsp]);
    if (found == frames_.end()) {
        return;
    }
    Frame& frame = found->second;
    const model::CpuState& after = transition.after;
    if (!frame.consumed_at) {
        handler_returned(found->first);
        if (!frame.from_user) {
            report_.require(rules::kSwapgsBalanced, after.cpl != 0 || after.gs.base == frame.gs_base, [&] {
                return Texts{fmt::format("GS base {:#x}, as the event at instruction {} found it", frame.gs_base,
                                         frame.pushed_at),
                             fmt::format("GS base {:#x}", after.gs.base)};
            });
        }
        frame.consumed_at = transition.count;
        frame.user_visits = visits_;
        frame.rip = after.rip;
        frame.rflags = after.rflags;
        frame.rsp = after[model::Gpr::Rsp];
        report_.require(rules::kIretFrameOnce, true, [] { return Texts{}; });
        return;
    }
    // Whoever has been in ring 3 since may have built a new frame here; so has software whose frame says something
    // else.
    const bool same = frame.user_visits == visits_ && frame.rip == after.rip && frame.rflags == after.rflags &&
                      frame.rsp == after[model::Gpr::Rsp];
    report_.require(rules::kIretFrameOnce, !same, [&] {
        return Texts{fmt::format("the frame at {:#x}, pushed by the event at instruction {}, is returned through once",
                                 found->first, frame.pushed_at),
                     fmt::format("IRET took it at instruction {} already", *frame.consumed_at)};
    });
    if (!same) {
        frames_.erase(found);
    }
}

void FrameRules::on_interrupt_accepted(std::uint8_t vector, unsigned ends)
{
    accepted_ = Interrupt{vector, ends, 0, 0};
}

void FrameRules::interrupted(std::uint8_t vector, std::uint64_t frame)
{
    // A controller gives the same vector again only after its end; the handler of the last one never returned.
    std::erase_if(interrupts_, [&](const Interrupt& open) { return open.vector == vector || open.frame == frame; });
    const bool by_controller = accepted_ && accepted_->vector == vector;
    interrupts_.push_back({vector, by_controller ? accepted_->owed : std::nullopt, 0, frame});
}

void FrameRules::on_interrupt_ended(std::optional<std::uint8_t> vector)
{
    if (vector) {
        const auto open = std::ranges::find(interrupts_, *vector, &Interrupt::vector);
        if (open != interrupts_.end()) {
            ++open->sent;
        }
        return;
    }
    // Handlers of injected interrupts end what no controller has begun.
    const bool excused = std::ranges::any_of(interrupts_, [](const Interrupt& open) { return !open.owed.has_value(); });
    report_.require(rules::kInterruptEndedOnce, excused, [&] {
        return Texts{"an end-of-interrupt command for each interrupt", "one more: no interrupt is in service"};
    });
}

void FrameRules::handler_returned(std::uint64_t frame)
{
    const auto open = std::ranges::find(interrupts_, frame, &Interrupt::frame);
    if (open == interrupts_.end()) {
        return;
    }
    report_.require(rules::kInterruptEndedOnce, !open->owed || open->sent == *open->owed, [&] {
        return Texts{fmt::format("{} end-of-interrupt command{} for vector {}", *open->owed,
                                 *open->owed == 1 ? "" : "s", open->vector),
                     fmt::format("{} when its handler returns", open->sent)};
    });
    interrupts_.erase(open);
}

void FrameRules::check_gs_bases(const Transition& transition)
{
    if (!kernel_gs_base_) {
        return;
    }
    const std::uint64_t now = transition.after.kernel_gs_base;
    report_.require(rules::kSwapgsBalanced, swaps_ % 2 == 0 || now == *kernel_gs_base_, [&] {
        return Texts{fmt::format("IA32_KERNEL_GS_BASE {:#x}, as when ring 3 was left", *kernel_gs_base_),
                     fmt::format("IA32_KERNEL_GS_BASE {:#x} after {} SWAPGS", now, swaps_)};
    });
}

} // namespace ringcheck
