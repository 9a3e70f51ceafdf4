// SPDX-License-Identifier: MIT
// The free slots of a table: the lowest one is always the next to be used, so that the same run uses the same slots.
#pragma once

#include "base/assert.h"

#include <cstdint>

namespace base {

/// Slots 0..kSlots-1, all free at first.  Taking and giving back cost at most kSlots / 64 steps.
template <unsigned kSlots> class SlotSet {
public:
    static constexpr unsigned kNone = kSlots;

    /// The lowest free slot, which is free no longer; kNone when there is none.
    unsigned take()
    {
        for (unsigned word = 0; word < kWords; ++word) {
            const std::uint64_t free = ~used_[word];
            if (free != 0) {
                const unsigned slot = word * kBits + static_cast<unsigned>(__builtin_ctzll(free));
                if (slot >= kSlots) {
                    return kNone;
                }
                used_[word] |= free & -free;
                ++taken_;
                return slot;
            }
        }
        return kNone;
    }

    void give_back(unsigned slot)
    {
        ASSERT(is_taken(slot));
        used_[slot / kBits] &= ~(std::uint64_t{1} << slot % kBits);
        --taken_;
    }

    bool is_taken(unsigned slot) const { return slot < kSlots && (used_[slot / kBits] >> slot % kBits & 1) != 0; }
    /// How many slots are taken.
    unsigned taken() const { return taken_; }

private:
    static constexpr unsigned kBits = 64;
    static constexpr unsigned kWords = (kSlots + kBits - 1) / kBits;

    std::uint64_t used_[kWords] = {};
    unsigned taken_ = 0;
};

} // namespace base
