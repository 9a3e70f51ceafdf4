// SPDX-License-Identifier: MIT
// System calls that wait for several files.
#pragma once

#include "arch/address.h"
#include "base/result.h"

namespace kernel {

/// poll(2): `count` entries of struct pollfd, `timeout` in milliseconds, below 0 for ever.
/// @return entries that are ready, or are no open file.  EINVAL: more entries than there can be descriptors.  EFAULT.
///         ENOMEM.  ErestartBlock: the thread is to end, or a signal came.
base::Result<std::uint64_t> poll(arch::VirtAddr files, std::uint64_t count, std::uint64_t timeout);
/// The same until the tick `deadline`: what restart_syscall goes on with.
base::Result<std::uint64_t> poll_on(arch::VirtAddr files, std::uint64_t count, std::uint64_t deadline);
/// ppoll(2): `timeout` is a struct timespec that gets what is left, or null for ever.  The call is made again with what
/// is left; EINTR, where that could not be stored.
/// @param mask  signals that are blocked meanwhile, a set of `mask_size` = 8 bytes; null: no other ones
base::Result<std::uint64_t> ppoll(arch::VirtAddr files, std::uint64_t count, arch::VirtAddr timeout,
                                  arch::VirtAddr mask, std::uint64_t mask_size);

struct SelectSets {
    arch::VirtAddr read, write, exceptional; ///< each may be null
};
/// select(2): descriptors below `count`; `timeout` is a struct timeval that gets what is left, or null.
/// @return bits that are set in the sets then.  EBADF: a descriptor in a set is not open.  EINVAL: `count` is negative,
///         or no time.  EFAULT, ENOMEM, EINTR.
base::Result<std::uint64_t> select(std::uint64_t count, const SelectSets& sets, arch::VirtAddr timeout);
/// pselect6(2): `timeout` is a struct timespec; `mask` leads to a set of signals and its size, or is null.
base::Result<std::uint64_t> pselect6(std::uint64_t count, const SelectSets& sets, arch::VirtAddr timeout,
                                     arch::VirtAddr mask);

} // namespace kernel
