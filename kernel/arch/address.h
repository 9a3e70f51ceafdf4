// SPDX-License-Identifier: MIT
// Physical and virtual byte addresses as two distinct types, so that one is never taken for the other.
#pragma once

#include <compare>
#include <cstdint>

namespace arch {

/// Page and frame size in bytes: a page is 4 KiB of virtual, a frame 4 KiB of physical memory.
inline constexpr std::uint64_t kPageSize = 4096;

template <typename Tag> struct Address {
    std::uint64_t value = 0;

    constexpr Address() = default;
    constexpr explicit Address(std::uint64_t address) : value(address) {}

    constexpr auto operator<=>(const Address&) const = default;
    constexpr Address operator+(std::uint64_t bytes) const { return Address{value + bytes}; }
    constexpr Address operator-(std::uint64_t bytes) const { return Address{value - bytes}; }
    /// The distance in bytes; meaningful when `*this >= other`.
    constexpr std::uint64_t operator-(Address other) const { return value - other.value; }
    constexpr Address& operator+=(std::uint64_t bytes)
    {
        value += bytes;
        return *this;
    }

    constexpr std::uint64_t page_offset() const { return value & (kPageSize - 1); }
    constexpr bool page_aligned() const { return page_offset() == 0; }
    constexpr Address page_floor() const { return Address{value & ~(kPageSize - 1)}; }
    /// Rounds up; the caller rules out addresses in the last page of the 64-bit space, where this wraps to 0.
    constexpr Address page_ceiling() const { return Address{(value + kPageSize - 1) & ~(kPageSize - 1)}; }
};

/// A physical byte address.
using PhysAddr = Address<struct PhysicalTag>;
/// A virtual (linear) byte address.
using VirtAddr = Address<struct VirtualTag>;

/// True when bits 63:47 are all equal, as 4-level paging requires.  [SDM 1 "Canonical Addressing"]
constexpr bool is_canonical(std::uint64_t address)
{
    const std::uint64_t upper = address >> 47;
    return upper == 0 || upper == 0x1'ffff;
}

static_assert(is_canonical(0x0000'7fff'ffff'ffff) && !is_canonical(0x0000'8000'0000'0000));
static_assert(is_canonical(0xffff'8000'0000'0000) && !is_canonical(0xffff'7fff'ffff'ffff));

} // namespace arch
