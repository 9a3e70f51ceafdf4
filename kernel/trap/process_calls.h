// SPDX-License-Identifier: MIT
// System calls that make processes and threads, end them, and ask about them.
#pragma once

#include "arch/address.h"
#include "base/result.h"
#include "layout/trap_frame.h"

namespace kernel {

/// fork(2), vfork(2) and clone(2) on the caller's registers, which the child gets too: see Harbor::clone.
base::Result<std::uint64_t> fork(const layout::TrapFrame& frame);
base::Result<std::uint64_t> vfork(const layout::TrapFrame& frame);
base::Result<std::uint64_t> clone(const layout::TrapFrame& frame);
/// clone3(2).  E2BIG: a size beyond a page, or something that is not 0 where this kernel knows nothing.  EINVAL: a size
/// below that of the first version.  EFAULT.  See request_of, Harbor::clone.
base::Result<std::uint64_t> clone3(const layout::TrapFrame& frame);

/// execve(2): see Harbor::execute.  ENOENT: also an empty path.
base::Result<std::uint64_t> execve(layout::TrapFrame& frame);

/// exit(2): ends the calling thread, and its Vessel with `status & 0xff` when it is the last one.
[[noreturn]] void exit(std::uint64_t status);
/// exit_group(2): ends the Vessel with `status & 0xff`.
[[noreturn]] void exit_group(std::uint64_t status);

/// wait4(2), waitid(2).
/// @return  the child's number (waitid: 0), 0 with WNOHANG when there is nothing to tell.  ECHILD, EINVAL.  EFAULT: the
/// child is gone, as on
///          Linux.
base::Result<std::uint64_t> wait4(std::uint64_t target, arch::VirtAddr status, std::uint64_t options,
                                  arch::VirtAddr usage);
base::Result<std::uint64_t> waitid(std::uint64_t kind, std::uint64_t id, arch::VirtAddr info, std::uint64_t options,
                                   arch::VirtAddr usage);

/// getpid(2), gettid(2), getppid(2): numbers of the calling Vessel, thread, and parent Vessel.
std::uint64_t getpid();
std::uint64_t gettid();
std::uint64_t getppid();
/// set_tid_address(2): names the word that becomes 0, with a futex wake, when the thread ends.
/// @return  the thread's number
std::uint64_t set_tid_address(arch::VirtAddr word);

} // namespace kernel
