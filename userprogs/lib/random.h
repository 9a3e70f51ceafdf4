// SPDX-License-Identifier: MIT
// Random numbers that are the same in every run.  [Marsaglia: "Xorshift RNGs"]
#pragma once

#include <cstdint>

namespace user {

class Random {
public:
    explicit Random(std::uint64_t seed) : state_(seed * 0x9e37'79b9'7f4a'7c15 + 1) {}

    std::uint64_t word()
    {
        state_ ^= state_ << 13;
        state_ ^= state_ >> 7;
        state_ ^= state_ << 17;
        return state_;
    }
    /// 0 .. limit - 1
    std::uint64_t below(std::uint64_t limit) { return word() % limit; }

private:
    std::uint64_t state_;
};

} // namespace user
