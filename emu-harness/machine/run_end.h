// SPDX-License-Identifier: GPL-2.0-or-later
// How a run ends, and what may end it.
#pragma once

#include "model/fault.h"

#include <cstdint>
#include <string>
#include <vector>

namespace ringcheck {

enum class EndKind : std::uint8_t {
    PowerOff,       ///< the guest switched itself off (ACPI port, or isa-debug-exit with the guest's "power off" value)
    DebugExit,      ///< any other value written to isa-debug-exit; RunEnd::value has it
    Reset,          ///< the guest asked for a reset
    Shutdown,       ///< triple fault; RunEnd::faults tells the chain
    Halted,         ///< HLT with IF = 0, or HLT with no event that could ever come
    WatchedAddress, ///< Machine::stop_at: the instruction there has not executed yet
    InstructionLimit, ///< RunLimits::instructions was reached
    Unmodelled,       ///< the guest needs something the machine does not have; RunEnd::text names it
};

struct RunEnd {
    EndKind kind{};
    std::uint64_t value = 0;          ///< DebugExit: the value written
    std::string text;                 ///< one line for a person; "" at an InstructionLimit
    std::vector<model::Fault> faults; ///< Shutdown: first fault first
};

struct RunLimits {
    std::uint64_t instructions = 2'000'000'000; ///< ends the run when instruction_count() reaches this
    /// Ends the run, as Halted, when the guest has waited in HLT for this long, summed up over its timer interrupts,
    /// since it last wrote to the console or entered ring 3: nothing more will come.
    std::uint64_t idle_nanoseconds = 60'000'000'000;
};

} // namespace ringcheck
