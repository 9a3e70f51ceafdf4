// SPDX-License-Identifier: MIT
// The part of fcntl(2) that locks ranges of files, and flock(2).
#pragma once

#include "arch/address.h"
#include "fs/open_file.h"

namespace kernel {

/// F_GETLK.  EFAULT.  EINVAL: no such type or origin, or a range that begins below 0.
base::Result<std::uint64_t> get_lock(OpenFile& file, arch::VirtAddr request);
/// F_SETLK, F_SETLKW.  The above, and EBADF: not open for what is locked.  EAGAIN: another process has a lock there.
/// EINTR: the thread that waits is to end, or a signal came.  ENOLCK.  Two that wait for each other do so for ever.
base::Result<std::uint64_t> set_lock(OpenFile& file, arch::VirtAddr request, bool wait);

/// flock(2).  EINVAL: no such operation.  EBADF.  EAGAIN: another description's lock excludes it.  EINTR, as above.
base::Result<std::uint64_t> flock(std::uint64_t descriptor, std::uint64_t operation);

} // namespace kernel
