// SPDX-License-Identifier: MIT
// Which of the model's conditions is disabled.
#pragma once

namespace sweep {

inline int disabled = -1; ///< its number in checks.inc; -1: none

constexpr bool off(int number)
{
    if consteval {
        return false;
    } else {
        return number == disabled;
    }
}

} // namespace sweep
