// SPDX-License-Identifier: GPL-2.0-or-later
// What the CPU looked at when it refused, or did, something: gathered anew from the state and the memory before it.
#pragma once

#include "explain/explanation.h"
#include "explain/question.h"
#include "machine/transition.h"
#include "model/event_delivery.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace ringcheck {

/// Where a delivery takes its stack from.
struct DeliveryStack {
    std::string name;      ///< "TSS.RSP0", "TSS.IST1", or "RSP" when the stack stays
    std::uint64_t top = 0; ///< aligned, as the frame is pushed below it
    unsigned ist = 0;
    bool from_tss = false, known = false;
};

struct Evidence {
    std::string doing;
    std::optional<MemoryAccess> access;
    std::vector<Exhibit> exhibits;
    std::vector<FrameWord> frame;
    DeliveryStack stack; ///< of a delivery
};

/// The entries of the walk for one access, from the top, with the bits that refused marked, and the control register
/// bits that decide with them.
std::vector<Exhibit> page_walk(const model::CpuState& state, const model::PhysicalMemory& memory,
                               const MemoryAccess& access, model::Reason reason);

/// Marks the field that a segment or gate rule failed on.
void mark(std::vector<Exhibit>& exhibits, model::Reason reason);

Evidence instruction_evidence(const model::CpuState& state, const model::PhysicalMemory& memory, const Finding& finding,
                              const InstructionAt& instruction);

/// @param fault  why the delivery failed; nullptr: it succeeded
Evidence delivery_evidence(const model::CpuState& state, const model::PhysicalMemory& memory, const model::Event& event,
                           const model::Fault* fault);

/// What a transition that is no event took its target from: STAR and LSTAR, RCX and R11, the frame.
Evidence transition_evidence(const Transition& transition, const model::PhysicalMemory& memory);

} // namespace ringcheck
