// SPDX-License-Identifier: MIT
// Linux x86-64's numbers for calls that a hostile program tries whether or not the kernel has them, and what comes
// back. [Linux arch/x86/entry/syscalls/syscall_64.tbl; uapi asm-generic/errno-base.h, mman-common.h]
#pragma once

#include "uapi/errno.h"

#include <cstdint>

namespace linux_abi {

enum Call : std::uint64_t {
    kRead = 0,
    kWrite = 1,
    kOpen = 2,
    kClose = 3,
    kFstat = 5,
    kMmap = 9,
    kMprotect = 10,
    kMunmap = 11,
    kBrk = 12,
    kSigreturn = 15,
    kYield = 24,
    kMremap = 25,
    kMadvise = 28,
    kNanosleep = 35,
    kGetpid = 39,
    kClone = 56,
    kFork = 57,
    kVfork = 58,
    kExecve = 59,
    kExit = 60,
    kWait4 = 61,
    kKill = 62,
    kUname = 63,
    kGettimeofday = 96,
    kGetppid = 110,
    kModifyLdt = 154,
    kArchPrctl = 158,
    kReboot = 169,
    kGettid = 186,
    kFutex = 202,
    kClockGettime = 228,
    kExitGroup = 231,
    kTgkill = 234,
    kGetrandom = 318,
    kClone3 = 435,
};

/// -EFAULT and the like, as a call returns it.
constexpr std::int64_t error(uapi::Error number)
{
    return -static_cast<std::int64_t>(number);
}
inline constexpr std::int64_t kNoSuchCall = error(uapi::Error::Enosys);
inline constexpr std::int64_t kBadAddress = error(uapi::Error::Efault);

constexpr bool is_error(std::int64_t result)
{
    return uapi::is_error(static_cast<std::uint64_t>(result));
}

enum Protection : std::uint64_t { kProtNone = 0, kProtRead = 1, kProtWrite = 2, kProtExec = 4 };
enum MapFlag : std::uint64_t { kShared = 1, kPrivate = 2, kFixed = 0x10, kAnonymous = 0x20, kHugeTlb = 0x4'0000 };

} // namespace linux_abi
