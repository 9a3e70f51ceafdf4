// SPDX-License-Identifier: MIT
// Random numbers that are the same on every host: SplitMix64.  [Steele, Lea, Flood: "Fast Splittable Pseudorandom
// Number Generators"]
#pragma once

#include <cstddef>
#include <cstdint>
#include <iterator>

namespace random_attack {

class Dice {
public:
    explicit Dice(std::uint64_t seed) : state_(seed) {}

    std::uint64_t word()
    {
        std::uint64_t mixed = state_ += 0x9e37'79b9'7f4a'7c15;
        mixed = (mixed ^ mixed >> 30) * 0xbf58'476d'1ce4'e5b9;
        mixed = (mixed ^ mixed >> 27) * 0x94d0'49bb'1331'11eb;
        return mixed ^ mixed >> 31;
    }
    std::uint8_t byte() { return static_cast<std::uint8_t>(word()); }
    /// 0 .. sides - 1
    std::uint64_t below(std::uint64_t sides) { return word() % sides; }
    /// True once in `sides` times.
    bool once_in(std::uint64_t sides) { return below(sides) == 0; }
    template <typename Range> const auto& of(const Range& range) { return range[below(std::size(range))]; }

private:
    std::uint64_t state_;
};

/// The dice of case `number` of a run with `seed`: no case depends on another.
inline Dice dice_for(std::uint64_t seed, std::uint64_t number)
{
    return Dice(Dice(seed).word() + number * 0xd134'2543'de82'ef95);
}

} // namespace random_attack
