// SPDX-License-Identifier: MIT
// Bits of a paging entry.  [SDM 3A "4-Level Paging and 5-Level Paging"]
#pragma once

#include <cstdint>

inline constexpr std::uint64_t kPageSize = 4096;
inline constexpr std::uint64_t kPresent = 1, kWritable = 2, kUser = 4, kUncached = 0x18,
                               kNoExecute = std::uint64_t{1} << 63;

struct alignas(kPageSize) PageTable {
    std::uint64_t entries[512];
};
