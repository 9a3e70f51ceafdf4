// SPDX-License-Identifier: MIT
// The 64-bit task-state segment and the 16-byte descriptor that points to it.
// [SDM 3A "Task Management in 64-bit Mode", "TSS Descriptor in 64-bit mode"]
#pragma once

#include "arch/segment.h"

#include <cstddef>

namespace arch {

/// The 64-bit TSS.  The CPU takes RSP from it on a change to ring 0..2 (`rsp`), or on a gate with an IST index (`ist`).
struct [[gnu::packed]] Tss {
    std::uint32_t reserved_0 = 0;
    std::uint64_t rsp[3] = {};
    std::uint64_t reserved_1 = 0;
    std::uint64_t ist[7] = {}; ///< IST1..IST7: a gate's index n names ist[n - 1]
    std::uint64_t reserved_2 = 0;
    std::uint16_t reserved_3 = 0;
    std::uint16_t io_map_base =
        0; ///< byte offset of the I/O permission bitmap; beyond the limit means "no port allowed"
};

static_assert(sizeof(Tss) == 104);
static_assert(offsetof(Tss, rsp) == 4 && offsetof(Tss, ist) == 36 && offsetof(Tss, io_map_base) == 102);

/// The two 8-byte GDT words that describe a TSS.
struct TssDescriptor {
    std::uint64_t low;
    std::uint64_t high;

    /// An available 64-bit TSS at `base` with `limit` bytes beyond the first, for ring 0.
    static constexpr TssDescriptor available(std::uint64_t base, std::uint32_t limit)
    {
        return {bits<15, 0>.put(limit) | bits<51, 48>.put(limit >> 16) | bits<39, 16>.put(base) |
                    bits<63, 56>.put(base >> 24) | SegmentDescriptor::kType.put(SegmentDescriptor::kTypeTssAvailable) |
                    SegmentDescriptor::kPresent,
                base >> 32};
    }

    constexpr std::uint64_t base() const
    {
        return bits<39, 16>.get(low) | bits<63, 56>.get(low) << 24 | bits<31, 0>.get(high) << 32;
    }
    /// The limit in bytes, granularity applied.
    constexpr std::uint32_t limit() const
    {
        const std::uint64_t raw = bits<15, 0>.get(low) | bits<51, 48>.get(low) << 16;
        return static_cast<std::uint32_t>((low & bit<55>) != 0 ? raw << 12 | 0xfff : raw);
    }
};

static_assert(TssDescriptor::available(0xffff'ffff'8012'3450, 103).low == 0x8000'8912'3450'0067);
static_assert(TssDescriptor::available(0xffff'ffff'8012'3450, 103).high == 0xffff'ffff);
static_assert(TssDescriptor::available(0xffff'ffff'8012'3450, 103).base() == 0xffff'ffff'8012'3450);

} // namespace arch
