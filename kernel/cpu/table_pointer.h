// SPDX-License-Identifier: MIT
// The operand of LGDT and LIDT.  [SDM 3A "Memory-Management Registers"]
#pragma once

#include <cstdint>

namespace kernel {

struct [[gnu::packed]] TablePointer {
    std::uint16_t limit;
    std::uint64_t base;
};

} // namespace kernel
