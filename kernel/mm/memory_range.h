// SPDX-License-Identifier: MIT
// A run of physical bytes, as boot loaders list them: any alignment, any order.
#pragma once

#include "arch/address.h"

namespace kernel {

struct MemoryRange {
    arch::PhysAddr begin;
    std::uint64_t size = 0; ///< in bytes; 0 is an empty range

    /// The first byte after the range, or the last address there is when the range would reach beyond it.
    constexpr arch::PhysAddr end() const
    {
        const std::uint64_t last = ~std::uint64_t{0};
        return arch::PhysAddr{size > last - begin.value ? last : begin.value + size};
    }
};

} // namespace kernel
