// SPDX-License-Identifier: MIT
// Which of the model's conditions is disabled, and which were asked.
#pragma once

namespace sweep {

inline constexpr int kMostChecks = 2048;

inline int disabled = -1;         ///< its number in checks.inc; -1: none
inline bool reached[kMostChecks]; ///< by number: asked since whoever looks cleared it

constexpr bool off(int number)
{
    if consteval {
        return false;
    } else {
        reached[number] = true;
        return number == disabled;
    }
}

} // namespace sweep
