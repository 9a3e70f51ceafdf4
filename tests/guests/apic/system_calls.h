// SPDX-License-Identifier: MIT
// The system calls: SYSCALL, number in RAX, arguments in RDI and RSI, result in RAX; -15 to -1 are errors.
#pragma once

#include <cstdint>

inline constexpr std::uint64_t kPrint = 0, kThreadNumber = 1, kYield = 2, kLeave = 3;
inline constexpr std::uint64_t kBadAddress = 14, kNoSuchCall = 1;
