// SPDX-License-Identifier: MIT
// The system calls: INT 0x80, number in RAX, arguments in RBX, RCX, RDX, result in RAX; -99 to -1 are errors.
#pragma once

#include <cstdint>

inline constexpr std::uint64_t kExit = 1, kWrite = 4, kYield = 158;
inline constexpr std::uint64_t kBadFile = 9, kBadAddress = 14, kNoSuchCall = 38;
