// SPDX-License-Identifier: MIT
// Random numbers: ChaCha20 with fast key erasure, so that whoever reads the generator learns nothing of what it gave
// before.  [RFC 8439; D. J. Bernstein, "Fast-key-erasure random-number generators"]
#pragma once

#include "base/span.h"

#include <cstdint>

namespace base {

class Random {
public:
    static constexpr unsigned kKeyWords = 8;

    /// Starts again from `key`: the same key gives the same numbers.  Until then the key is 0.
    void seed(const std::uint32_t (&key)[kKeyWords]);
    void fill(Span<std::uint8_t> bytes);
    std::uint64_t next();
    /// Uniform in 0..bound - 1; `bound` is not 0.
    std::uint64_t below(std::uint64_t bound);

private:
    std::uint32_t key_[kKeyWords] = {};
};

/// The kernel's generator, seeded once at boot.
extern Random random;

} // namespace base
