// SPDX-License-Identifier: MIT
// Arithmetic on ranges of user space that cannot overflow.
#pragma once

#include "layout/address_map.h"

namespace kernel {

inline constexpr std::uint64_t kUserSize = layout::kUserEnd - layout::kUserBegin;

/// `length` in whole pages; 0 for more than user space holds, as for none.
constexpr std::uint64_t whole_pages(std::uint64_t length)
{
    return length > kUserSize ? 0 : (length + arch::kPageSize - 1) & ~(arch::kPageSize - 1);
}

/// [begin, begin + size) lies in user space; `size` is at most kUserSize.
constexpr bool is_user_range(arch::VirtAddr begin, std::uint64_t size)
{
    return begin >= layout::kUserBegin && begin <= layout::kUserEnd - size;
}

} // namespace kernel
