// SPDX-License-Identifier: MIT
// Addresses that a program may not use.
#pragma once

#include <cstdint>

namespace hostile {

inline constexpr std::uint64_t kPhysicalMap = 0xffff'8000'0000'0000;
inline constexpr std::uint64_t kKernelStacks = 0xffff'c000'0000'0000;
inline constexpr std::uint64_t kKernelImage = 0xffff'ffff'8010'0000;
inline constexpr std::uint64_t kNonCanonical = 0x0000'8000'0000'0000;
/// The page that is never mapped, so that no SYSCALL can return to a non-canonical address.
inline constexpr std::uint64_t kLastUserPage = 0x0000'7fff'ffff'f000;
inline constexpr std::uint64_t kVsyscallPage = 0xffff'ffff'ff60'0000;
inline constexpr std::uint64_t kLastByte = ~std::uint64_t{0};

inline constexpr std::uint64_t kBad[] = {0,
                                         1,
                                         0xfff,
                                         kLastUserPage,
                                         kNonCanonical - 1,
                                         kNonCanonical,
                                         kPhysicalMap - 1,
                                         kPhysicalMap,
                                         kKernelStacks,
                                         kKernelImage,
                                         kVsyscallPage,
                                         kLastByte - 7,
                                         kLastByte};

} // namespace hostile
