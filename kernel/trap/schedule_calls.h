// SPDX-License-Identifier: MIT
// System calls on when threads run.
#pragma once

#include "arch/address.h"
#include "base/result.h"

namespace kernel {

/// sched_yield(2); always 0.
std::uint64_t sched_yield();

/// getpriority(2): 20 - nice, of one thread (0: the caller's), or the highest of a process group.
/// EINVAL: another kind of target.  ESRCH: nobody.
base::Result<std::uint64_t> getpriority(std::uint64_t which, std::uint64_t who);
/// setpriority(2), cut to -20..19.  EACCES: a lower nice value than it has, which no program may give.  EPERM: the
/// shell's.
base::Result<std::uint64_t> setpriority(std::uint64_t which, std::uint64_t who, std::uint64_t nice);

/// sched_setscheduler(2): every thread is SCHED_OTHER, which SCHED_BATCH and SCHED_IDLE are served as too.
/// EPERM: a real-time policy, which no program may have.  EINVAL: no such policy, or a priority that it has not.
/// ESRCH: no such thread.  EFAULT.
base::Result<std::uint64_t> sched_setscheduler(std::uint64_t thread, std::uint64_t policy, arch::VirtAddr parameters);
/// sched_getscheduler(2): SCHED_OTHER.  EINVAL, ESRCH.
base::Result<std::uint64_t> sched_getscheduler(std::uint64_t thread);

} // namespace kernel
