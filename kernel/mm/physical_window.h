// SPDX-License-Identifier: MIT
// How the kernel reaches physical memory: a run of it that stands, byte for byte, at some virtual address.
// In the kernel that is layout::kPhysicalMap, in a host test a buffer.
#pragma once

#include "arch/address.h"

#include <cstdint>

namespace kernel {

class PhysicalWindow {
public:
    constexpr PhysicalWindow() = default;
    /// @param at          where physical address `begin` stands
    /// @param begin, end  the physical bytes that can be reached: [begin, end)
    constexpr PhysicalWindow(arch::VirtAddr at, arch::PhysAddr begin, arch::PhysAddr end)
        : offset_(at.value - begin.value), begin_(begin), end_(end)
    {
    }

    constexpr arch::PhysAddr begin() const { return begin_; }
    constexpr arch::PhysAddr end() const { return end_; }

    /// True when all of [address, address + count) can be reached; cannot overflow.
    constexpr bool covers(arch::PhysAddr address, std::uint64_t count) const
    {
        return address >= begin_ && address <= end_ && count <= end_ - address;
    }

    /// The memory at `address`, which the window covers.
    template <typename T> T* at(arch::PhysAddr address) const { return reinterpret_cast<T*>(offset_ + address.value); }

    /// Where memory that at() gave is.
    arch::PhysAddr physical(const void* memory) const
    {
        return arch::PhysAddr{reinterpret_cast<std::uint64_t>(memory) - offset_};
    }

    /// One page-table word; what page_walk.h asks of a memory.
    std::uint64_t read_u64(arch::PhysAddr address) const { return *at<const std::uint64_t>(address); }

private:
    std::uint64_t offset_ = 0;
    arch::PhysAddr begin_;
    arch::PhysAddr end_;
};

} // namespace kernel
