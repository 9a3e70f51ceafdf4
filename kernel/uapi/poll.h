// SPDX-License-Identifier: MIT
// Structures and numbers of poll(2) and select(2) as Linux x86-64 has them.
#pragma once

#include <cstdint>

namespace uapi {

/// struct pollfd
struct PollFile {
    std::int32_t descriptor; ///< below 0: this entry is passed over
    std::uint16_t events;    ///< asked for
    std::uint16_t returned;
};
static_assert(sizeof(PollFile) == 8);

/// Descriptors of one set of select(2), in words of so many bits.
inline constexpr unsigned kSetWordBits = 64;

/// The sixth argument of pselect6(2) leads to one.
struct SignalMaskArgument {
    std::uint64_t mask; ///< address of the set, or 0
    std::uint64_t size; ///< bytes
};

} // namespace uapi
