// SPDX-License-Identifier: MIT
// What is seen at the end of a scenario: the event by the CPU's own frame, then the registers that no event changes.
#pragma once

#include "trap.h"

#include <cstdint>

namespace conformance {

struct Observation {
    bool syscall = false;
    std::uint64_t vector = 0;
    bool has_error_code = false;
    std::uint64_t error_code = 0;
    InterruptFrame frame{};
    std::uint64_t frame_top = 0;    ///< of the stack that the CPU pushed on
    std::uint64_t entry_rflags = 0; ///< at the handler's first instruction
    GeneralRegisters registers{};
    // From here on: observe_registers.
    std::uint64_t cr2 = 0, dr6 = 0;
    std::uint16_t ds = 0, es = 0, fs = 0, gs = 0;
    std::uint64_t fs_base = 0, gs_base = 0, kernel_gs_base = 0;
};

/// Leaves for `start` and returns with its first event.
const Observation& run_to_event(const Start& start);

/// Adds CR2, DR6, the data segments and the segment bases as they are now.
void observe_registers(Observation& seen);

} // namespace conformance
