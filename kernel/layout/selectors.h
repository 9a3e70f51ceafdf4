// SPDX-License-Identifier: MIT
// The GDT's order.  The CPU dictates it:                                   [SDM 2B SYSCALL, SYSRET]
//   SYSCALL  CS = STAR[47:32]        SS = STAR[47:32] + 8
//   SYSRETQ  CS = STAR[63:48] + 16   SS = STAR[63:48] + 8     (so user data precedes user code)
#pragma once

#include "arch/msr.h"

namespace layout {

inline constexpr std::uint16_t kKernelCode = 0x08, kKernelData = 0x10, kUserData = 0x18 | 3, kUserCode = 0x20 | 3,
                               kTssSelector = 0x28;
/// Null, four flat segments, and a TSS descriptor of two words.
inline constexpr unsigned kGdtWords = 7;

/// RPL 3 stands in the SYSRET base because AMD's SYSRET copies it into SS as it is.  [APM 3 SYSRET]
inline constexpr std::uint64_t kStar =
    arch::star::kSyscallBase.put(kKernelCode) | arch::star::kSysretBase.put(kKernelData | 3);

} // namespace layout
