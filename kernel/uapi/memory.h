// SPDX-License-Identifier: MIT
// Numbers of the memory calls as Linux x86-64 has them.
// [mmap(2), mprotect(2), mremap(2), madvise(2); Linux uapi asm-generic/mman-common.h]
#pragma once

#include <cstdint>

namespace uapi {

inline constexpr std::uint64_t kProtRead = 1, kProtWrite = 2, kProtExec = 4;
inline constexpr std::uint64_t kProtSem = 8; ///< asks for nothing on x86
inline constexpr std::uint64_t kProtAll = kProtRead | kProtWrite | kProtExec;

inline constexpr std::uint64_t kMapTypeMask = 0xf;
inline constexpr std::uint64_t kMapShared = 1, kMapPrivate = 2; ///< values of the type
inline constexpr std::uint64_t kMapFixed = 0x10, kMapAnonymous = 0x20, kMapGrowsDown = 0x100, kMapNoReserve = 0x4000,
                               kMapPopulate = 0x8000, kMapStack = 0x2'0000, kMapFixedNoReplace = 0x10'0000;

inline constexpr std::uint64_t kMremapMayMove = 1, kMremapFixed = 2;

/// Advice to madvise(2).
enum class Advice : std::uint32_t {
    Normal = 0,
    Random = 1,
    Sequential = 2,
    WillNeed = 3,
    DontNeed = 4,
    Free = 8,
    DontDump = 16,
    DoDump = 17,
};

} // namespace uapi
