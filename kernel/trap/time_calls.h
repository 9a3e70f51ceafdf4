// SPDX-License-Identifier: MIT
// System calls on clocks, and those that wait for time to pass.
#pragma once

#include "arch/address.h"
#include "base/result.h"

namespace kernel {

/// clock_gettime(2) and clock_getres(2), for uapi::Clock; CPU-time clocks are those of the caller.  Real time counts
/// from the start of the kernel: there is no clock that runs while the machine is off.
/// EINVAL: no such clock.  EFAULT.
base::Result<std::uint64_t> clock_gettime(std::uint64_t clock, arch::VirtAddr time);
base::Result<std::uint64_t> clock_getres(std::uint64_t clock, arch::VirtAddr resolution);
/// gettimeofday(2); either address may be null.  EFAULT.
base::Result<std::uint64_t> gettimeofday(arch::VirtAddr time, arch::VirtAddr zone);
/// time(2): seconds; also stored at `seconds` unless that is null.  EFAULT.
base::Result<std::uint64_t> time(arch::VirtAddr seconds);

/// nanosleep(2) and clock_nanosleep(2); `rest` gets what a signal left of a span, unless it is null.
/// EINVAL: no such clock, or no such time.  EFAULT.  EINTR: a handler ran.
base::Result<std::uint64_t> nanosleep(arch::VirtAddr span, arch::VirtAddr rest);
base::Result<std::uint64_t> clock_nanosleep(std::uint64_t clock, std::uint64_t flags, arch::VirtAddr time,
                                            arch::VirtAddr rest);
/// restart_syscall(2): goes on with the sleep or the poll that a signal without a handler has interrupted.  EINTR:
/// there is none.
base::Result<std::uint64_t> restart_syscall();

/// alarm(2).  @return  seconds that were left of the one before, rounded, but not to none
base::Result<std::uint64_t> alarm(std::uint64_t seconds);
/// getitimer(2), setitimer(2), for ITIMER_REAL.  EINVAL: another timer, no such time.  EFAULT.
base::Result<std::uint64_t> getitimer(std::uint64_t which, arch::VirtAddr value);
base::Result<std::uint64_t> setitimer(std::uint64_t which, arch::VirtAddr value, arch::VirtAddr old);

} // namespace kernel
