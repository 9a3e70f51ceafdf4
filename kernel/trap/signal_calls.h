// SPDX-License-Identifier: MIT
// System calls that send signals, and that say what becomes of them.
#pragma once

#include "arch/address.h"
#include "base/result.h"
#include "layout/trap_frame.h"

namespace kernel {

/// kill(2), tkill(2), tgkill(2).  The shell's Vessel takes no signal, and is nobody when all are meant.
/// EINVAL: no such signal, or no such number of a thread.  ESRCH: nobody.  EAGAIN: too many real-time signals wait.
base::Result<std::uint64_t> kill(std::uint64_t target, std::uint64_t signal);
base::Result<std::uint64_t> tkill(std::uint64_t thread, std::uint64_t signal);
base::Result<std::uint64_t> tgkill(std::uint64_t vessel, std::uint64_t thread, std::uint64_t signal);
/// rt_sigqueueinfo(2), rt_tgsigqueueinfo(2): the same with a siginfo_t of the caller's.  EPERM: its code says that the
/// kernel or kill(2) has sent it, and it is for somebody else.  EFAULT.
base::Result<std::uint64_t> rt_sigqueueinfo(std::uint64_t vessel, std::uint64_t signal, arch::VirtAddr info);
base::Result<std::uint64_t> rt_tgsigqueueinfo(std::uint64_t vessel, std::uint64_t thread, std::uint64_t signal,
                                              arch::VirtAddr info);

/// rt_sigaction(2), with a set of `set_size` = 8 bytes.  EINVAL: no such signal, one that cannot be changed, another
/// size.  EFAULT.  ENOMEM.
base::Result<std::uint64_t> rt_sigaction(std::uint64_t signal, arch::VirtAddr action, arch::VirtAddr old,
                                         std::uint64_t set_size);
/// rt_sigprocmask(2), rt_sigpending(2).  EINVAL: another way, another size.  EFAULT.
base::Result<std::uint64_t> rt_sigprocmask(std::uint64_t how, arch::VirtAddr set, arch::VirtAddr old,
                                           std::uint64_t set_size);
base::Result<std::uint64_t> rt_sigpending(arch::VirtAddr set, std::uint64_t set_size);
/// rt_sigsuspend(2), pause(2): always EINTR, when a handler has run.
base::Result<std::uint64_t> rt_sigsuspend(arch::VirtAddr set, std::uint64_t set_size);
base::Result<std::uint64_t> pause();
/// rt_sigtimedwait(2).  @return the signal.  EAGAIN: none came in time.  EINTR: a handler ran.  EINVAL, EFAULT.
base::Result<std::uint64_t> rt_sigtimedwait(arch::VirtAddr set, arch::VirtAddr info, arch::VirtAddr span,
                                            std::uint64_t set_size);
/// sigaltstack(2), called with RSP = `rsp`.  EINVAL: other flags.  ENOMEM: smaller than MINSIGSTKSZ.  EPERM: the caller
/// stands on it.  EFAULT.
base::Result<std::uint64_t> sigaltstack(arch::VirtAddr stack, arch::VirtAddr old, std::uint64_t rsp);
/// rt_sigreturn(2): the caller goes on as process/signal_frame.h has it; a frame that is none is a SIGSEGV.
/// @return  what RAX is to be
std::uint64_t rt_sigreturn(layout::TrapFrame& frame);

} // namespace kernel
