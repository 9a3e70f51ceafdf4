// SPDX-License-Identifier: GPL-2.0-or-later
// From a reason and its circumstances to the mistake that most often makes it, in one sentence.
#pragma once

#include "explain/evidence.h"
#include "explain/history.h"
#include "guest/guest_description.h"
#include "model/cpu_state.h"
#include "model/fault.h"
#include "model/physical_memory.h"
#include "model/vendor.h"

#include <string>

namespace ringcheck {

/// Everything that a sentence may depend on.
struct Circumstances {
    const model::CpuState& state;
    const model::PhysicalMemory& memory; ///< journaled: the caller takes back what was written
    model::Vendor vendor;
    const GuestDescription& guest;
    const History& history;
    const InstructionAt& instruction;
    const model::Fault& fault;
    const Evidence& evidence;
    const model::Event* delivering = nullptr; ///< the event whose delivery failed; nullptr: the instruction failed
};

/// "" when nothing sensible can be said.  What it says of the machine is true; that it is the cause is a guess.
std::string likely_mistake(const Circumstances& circumstances);

} // namespace ringcheck
