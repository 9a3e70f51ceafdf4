// SPDX-License-Identifier: MIT
// System calls about users: there is one, root, and everybody is that.
#pragma once

#include "arch/address.h"
#include "base/result.h"

namespace kernel {

/// setuid(2), setgid(2): to 0.  EPERM: to anybody else, who does not exist.
base::Result<std::uint64_t> set_identity(std::uint64_t id);
/// setreuid(2), setregid(2), setresuid(2), setresgid(2): to 0, or -1, as it is.  EPERM.
base::Result<std::uint64_t> set_identities(std::uint64_t real, std::uint64_t effective, std::uint64_t saved);
/// getresuid(2), getresgid(2).  EFAULT.
base::Result<std::uint64_t> get_identities(arch::VirtAddr real, arch::VirtAddr effective, arch::VirtAddr saved);
/// getgroups(2): none beside the one.  EINVAL: a negative count.
base::Result<std::uint64_t> getgroups(std::uint64_t count);
/// setgroups(2): none, or 0 alone.  EPERM: another one.  EINVAL: more than NGROUPS_MAX.  EFAULT.
base::Result<std::uint64_t> setgroups(std::uint64_t count, arch::VirtAddr groups);

/// setpgid(2): into a group of the caller's session, or one of its own.  ESRCH: neither the caller nor a child.
/// EACCES: a child that has executed a program.  EPERM: a session's leader, another session, no such group.  EINVAL.
base::Result<std::uint64_t> setpgid(std::uint64_t id, std::uint64_t group);
/// getpgid(2), getsid(2), for a Vessel's number or 0, the caller; getpgrp(2).  ESRCH.
base::Result<std::uint64_t> getpgid(std::uint64_t id);
base::Result<std::uint64_t> getsid(std::uint64_t id);
std::uint64_t getpgrp();
/// setsid(2).  @return the session's number.  EPERM: the caller leads a group.
base::Result<std::uint64_t> setsid();

} // namespace kernel
