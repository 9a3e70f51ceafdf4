// SPDX-License-Identifier: MIT
// A field of a hardware word, written as the manuals write it.
// Invariant: high >= low, both within 0..63.
#pragma once

#include <cstdint>

namespace arch {

/// One field of a 64-bit word: `bits<51, 12>` is what the manuals print as [51:12].
struct Bits {
    unsigned high;
    unsigned low;

    /// The field's bits set, all others clear.
    constexpr std::uint64_t mask() const { return (~std::uint64_t{0} >> (63 - high + low)) << low; }
    /// The field's value, shifted down to bit 0.
    constexpr std::uint64_t get(std::uint64_t word) const { return (word & mask()) >> low; }
    /// `value` shifted up into the field; bits that do not fit are dropped.
    constexpr std::uint64_t put(std::uint64_t value) const { return (value << low) & mask(); }
};

template <unsigned High, unsigned Low = High>
    requires(High < 64 && Low <= High)
inline constexpr Bits bits{High, Low};

/// A word with bit `Position` set.
template <unsigned Position>
    requires(Position < 64)
inline constexpr std::uint64_t bit = std::uint64_t{1} << Position;

static_assert(bits<51, 12>.mask() == 0x000f'ffff'ffff'f000);
static_assert(bits<63, 0>.mask() == ~std::uint64_t{0});
static_assert(bits<46, 45>.get(std::uint64_t{3} << 45) == 3 && bits<46, 45>.put(7) == std::uint64_t{3} << 45);

} // namespace arch
