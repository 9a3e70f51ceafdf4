// SPDX-License-Identifier: MIT
// The signal that an exception in ring 3 becomes: number, code and address as Linux x86-64 has them.
#pragma once

#include "uapi/signal_info.h"

#include <cstdint>

namespace kernel {

/// What is known about an exception in ring 3.
struct FaultFacts {
    unsigned vector;
    std::uint64_t rip;         ///< of the frame
    std::uint64_t address;     ///< CR2, for #PF
    bool mapped;               ///< #PF: the program has something at `address`, but not for this access
    bool behind_file;          ///< #PF: it has mapped a file there that does not reach so far
    std::uint64_t dr6;         ///< #DB: the events that DR6 tells of
    std::uint32_t float_flags; ///< #MF, #XM: exceptions that are flagged and not masked, at MXCSR[5:0]'s bits
};

/// [Linux arch/x86/kernel/traps.c, arch/x86/mm/fault.c, arch/x86/kernel/fpu/core.c]
uapi::SignalInfo signal_of_fault(const FaultFacts& facts);

} // namespace kernel
