// SPDX-License-Identifier: GPL-2.0-or-later
// Builds explanations.  It looks at the machine between two instructions and leaves it as it was.
#pragma once

#include "explain/explanation.h"
#include "explain/history.h"
#include "explain/question.h"
#include "machine/machine_config.h"
#include "machine/transition.h"
#include "model/event_delivery.h"
#include "watch/symbols.h"

#include <cstdint>
#include <string>

namespace ringcheck {

class Explainer {
public:
    /// @param symbols  must outlive the explainer
    Explainer(const Symbols& symbols, model::PhysicalMemory memory, const MachineConfig& config)
        : symbols_(symbols), memory_(memory), vendor_(config.vendor), features_(config.offered())
    {
    }

    /// Explains `event`, which is about to be delivered from `before` (Observer::on_event).
    /// @param program  whose page tables are loaded, or none
    Explanation event(std::uint64_t count, const model::CpuState& before, const model::Event& event,
                      const Program& program, const History& history) const;
    /// Whether the delivery of `event` raises an exception of its own.
    bool fails(const model::CpuState& before, const model::Event& event) const;
    /// Explains a transition that is no event: SYSCALL, SYSRET, IRET, MOV CR3, SWAPGS.
    Explanation transition(const Transition& transition, const Program& program) const;

private:
    Explanation begin(std::uint64_t count, const model::CpuState& before, const Program& program,
                      const InstructionAt& instruction) const;
    std::string place(const model::CpuState& state, const Program& program) const;
    std::string address(std::uint64_t value, const Program& program) const;
    std::string describe(const MemoryAccess& access, const Program& program) const;

    const Symbols& symbols_;
    model::PhysicalMemory memory_;
    model::Vendor vendor_;
    model::Features features_;
};

} // namespace ringcheck
