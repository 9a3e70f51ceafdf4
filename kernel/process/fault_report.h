// SPDX-License-Identifier: MIT
// An exception in words.
#pragma once

#include "base/format.h"

#include <cstdint>

namespace kernel {

struct FaultReport {
    unsigned vector;
    std::uint32_t error_code;
    std::uint64_t rip;
    std::uint64_t address; ///< CR2, for #PF; else 0
};

/// "read", "write" or "execute": what a #PF's error code says the access was.
const char* access_word(std::uint32_t error_code);

/// "#PF read of 0xffffffff80100000 at 0x401012 (error 0x5: protection, user)"
void describe(base::Writer& out, const FaultReport& report);

} // namespace kernel
