// SPDX-License-Identifier: MIT
// What ring 3 runs and may ask for.  RAX is the number, RDI the argument.
#pragma once

#include <cstdint>

inline constexpr std::uint64_t kAdd = 0, ///< adds the argument to a sum of the kernel's and returns it
    kLeave = 1;                          ///< back to the kernel
inline constexpr std::uint64_t kUserStackTop = 0x80'0000;

void user_program();
