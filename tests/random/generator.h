// SPDX-License-Identifier: MIT
// Random code for ring 3, and random words for its registers.
#pragma once

#include "random/dice.h"

#include <array>
#include <cstdint>
#include <vector>

namespace random_attack {

/// Where a word may point to, besides nowhere: the program's own text, data and stack.
struct Places {
    std::uint64_t text = 0, text_end = 0, data = 0, data_end = 0, stack = 0;
};

/// The most that random_code() and random_calls() make, in bytes.
inline constexpr std::size_t kCodeBytes = 256, kCallsBytes = 2048;
/// What fits into kCallsBytes.
inline constexpr unsigned kCallsOfACase = 25;

/// A few instructions: those that change rings, flags, segments and stacks more often than others, and random bytes.
std::vector<std::uint8_t> random_code(Dice& dice, const Places& places);

/// SYSCALL kCallsOfACase times, the numbers and the arguments random.
std::vector<std::uint8_t> random_calls(Dice& dice, const Places& places);

/// A word as a hostile program would choose it: small, huge, an address of its own, of the kernel's, of nobody's.
std::uint64_t random_word(Dice& dice, const Places& places);

} // namespace random_attack
