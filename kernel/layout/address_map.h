// SPDX-License-Identifier: MIT
// Where things live in virtual memory.  PML4[0..255] belong to the running Vessel, PML4[256..511] are the same
// everywhere.
//
//   0x0000000000010000  lowest user page (below: never mapped, so that a null pointer faults)
//   0x00007fffffffe000  end of user space: the last page below 2^47 stays empty, because a SYSCALL there would return
//                       to a non-canonical address                       [SDM 2B SYSRET]
//   0xffff800000000000  all physical memory, writable where the kernel image is not, never executable
//   0xffffc00000000000  kernel stacks, each below an unmapped guard page
//   0xffffffff80000000  the kernel image, as it is linked: physical address 0 would be here, the image starts 1 MiB
//                       above; as it runs, up to 1 GiB further up (mm/image_place.h)
#pragma once

#include "arch/address.h"

namespace layout {

inline constexpr arch::VirtAddr kUserBegin{0x1'0000};
inline constexpr arch::VirtAddr kUserEnd{0x0000'7fff'ffff'f000 - arch::kPageSize};
/// First address that is not canonical: SYSRETQ must never go there.  [SDM 2B SYSRET]
inline constexpr arch::VirtAddr kUserCanonicalEnd{0x0000'8000'0000'0000};
/// First address above the user stack; the page above it is unmapped.
inline constexpr arch::VirtAddr kUserStackTop{0x0000'7fff'ffff'0000};
/// The stack grows down to this size at most, as RLIMIT_STACK has it on Linux, and keeps a distance to whatever is
/// mapped below.
inline constexpr std::uint64_t kUserStackLimit = 8 * 1024 * 1024;
inline constexpr std::uint64_t kUserStackGuard = 256 * arch::kPageSize;
/// The vDSO is this far above the stack at least: an unmapped page, and then the page that it reads.
inline constexpr std::uint64_t kUserVdsoDistance = 2 * arch::kPageSize;
/// mmap(2) chooses places downwards from here.
inline constexpr arch::VirtAddr kUserMapTop{0x0000'7ff0'0000'0000};
/// A program's image ends here at the latest.
inline constexpr arch::VirtAddr kUserProgramEnd{0x0000'7000'0000'0000};
/// The lowest place of a position-independent program, two thirds of the way up as on Linux, and how far its own
/// addresses reach at most: what 32-bit displacements can.  [psABI AMD64 "Code Models"]
inline constexpr arch::VirtAddr kUserPieBase{0x0000'5555'5555'4000};
inline constexpr std::uint64_t kUserPieReach = std::uint64_t{1} << 31;

inline constexpr arch::VirtAddr kKernelHalf{0xffff'8000'0000'0000};
inline constexpr arch::VirtAddr kPhysicalMap{0xffff'8000'0000'0000};
/// The physical map reaches this far: 64 TiB, PML4[256..383].
inline constexpr std::uint64_t kPhysicalMapSize = std::uint64_t{64} << 40;
inline constexpr arch::VirtAddr kKernelStacks{0xffff'c000'0000'0000};
inline constexpr arch::VirtAddr kKernelImage{0xffff'ffff'8000'0000};
/// The image, from there, takes no more than this.
inline constexpr std::uint64_t kImageSize = 8 * 1024 * 1024;
/// Physical address at which the image is loaded.
inline constexpr arch::PhysAddr kImageLoadAddress{0x10'0000};

inline constexpr unsigned kKernelTopEntries = 256; ///< PML4[256..511]
inline constexpr unsigned kFirstKernelTopEntry = 256;

inline constexpr std::uint64_t kKernelStackSize = 16 * 1024;
/// Distance from one kernel stack's slot to the next: a guard page, then the stack.
inline constexpr std::uint64_t kKernelStackStride = kKernelStackSize + arch::kPageSize;

/// Interrupt stack table indices of the events that must not trust the interrupted stack.
inline constexpr unsigned kIstDoubleFault = 1, kIstNmi = 2, kIstMachineCheck = 3, kIstDebug = 4, kIstCount = 4;

} // namespace layout
