// SPDX-License-Identifier: MIT
// System calls about the machine, and about what the caller has used and may use of it.
#pragma once

#include "arch/address.h"
#include "base/result.h"

namespace kernel {

/// uname(2), sysinfo(2).  EFAULT.
base::Result<std::uint64_t> uname(arch::VirtAddr name);
base::Result<std::uint64_t> sysinfo(arch::VirtAddr info);

/// prlimit64(2), of the caller alone; getrlimit(2), setrlimit(2).  What they say is what the kernel does: the limits of
/// file sizes, stack, core files, processes, descriptors and the address space can be lowered, and soft ones raised
/// again; the others stay.  EPERM: it would have to change something else.  EINVAL: no such resource, soft above hard.
/// ESRCH. EFAULT.
base::Result<std::uint64_t> getrlimit(std::uint64_t resource, arch::VirtAddr limit);
base::Result<std::uint64_t> setrlimit(std::uint64_t resource, arch::VirtAddr limit);
base::Result<std::uint64_t> prlimit64(std::uint64_t id, std::uint64_t resource, arch::VirtAddr wanted,
                                      arch::VirtAddr old);

/// getrusage(2), times(2).  EINVAL: of whom?  EFAULT.
base::Result<std::uint64_t> getrusage(std::uint64_t whose, arch::VirtAddr usage);
base::Result<std::uint64_t> times(arch::VirtAddr times);

/// sched_getaffinity(2): the one CPU.  @return bytes written.  EINVAL: too short, or no multiple of 8.  ESRCH, EFAULT.
base::Result<std::uint64_t> sched_getaffinity(std::uint64_t thread, std::uint64_t size, arch::VirtAddr mask);

/// prctl(2): the name of the calling thread's program, and the switch against new privileges, which nobody can get.
/// EINVAL: anything else.  EFAULT.
base::Result<std::uint64_t> prctl(std::uint64_t operation, std::uint64_t argument, std::uint64_t third,
                                  std::uint64_t fourth, std::uint64_t fifth);

} // namespace kernel
