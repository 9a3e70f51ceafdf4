// SPDX-License-Identifier: MIT
// The log, on COM1: one line a scenario, `name field=value ...`, fields in a fixed order.  Addresses are told by what
// they belong to ("rsp0-0x28", "code+0x2"), so that a line moves only when its meaning does.
#pragma once

#include "base/format.h"
#include "scenario.h"
#include "trap.h"

namespace conformance {

/// COM1, one byte after the other.  Before the first byte: initialise_console().
base::Writer& console();
/// 115200 baud, 8 data bits, no parity, FIFOs on.
void initialise_console();

/// What was seen at the end of a scenario.
struct Observation {
    bool syscall = false;
    std::uint64_t vector = 0;
    bool has_error_code = false;
    std::uint64_t error_code = 0;
    InterruptFrame frame{};
    std::uint64_t frame_top = 0;    ///< of the stack that the CPU pushed on
    std::uint64_t entry_rflags = 0; ///< at the handler's first instruction
    std::uint64_t cr2 = 0, dr6 = 0;
    std::uint16_t ds = 0, es = 0, fs = 0, gs = 0;
    std::uint64_t fs_base = 0, gs_base = 0, kernel_gs_base = 0;
    GeneralRegisters registers{};
};

/// CR2 before each scenario; a line shows CR2 only where it is another.
inline constexpr std::uint64_t kUntouchedCr2 = 0xc2;

void log_line(const Name& name, const Scenario& scenario, const Observation& seen);

} // namespace conformance
