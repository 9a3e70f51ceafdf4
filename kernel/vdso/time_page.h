// SPDX-License-Identifier: MIT
// The page that the kernel shows to each program, read-only: "[vvar]" in /proc/PID/maps, one page below the vDSO.
#pragma once

#include "arch/address.h"

#include <cstdint>

namespace kernel {

/// All clocks of clock.h follow from one number, which is one aligned word: a reader sees it as it was before the tick
/// or after it, and nothing has to be read twice.
struct alignas(arch::kPageSize) TimePage {
    std::uint64_t ticks = 0; ///< Loom::now(); written by the timer's tick
};
static_assert(sizeof(TimePage) == arch::kPageSize, "nothing else is in the page that programs see");

} // namespace kernel
