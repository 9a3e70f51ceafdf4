// SPDX-License-Identifier: MIT
// System calls that open files.
#pragma once

#include "arch/address.h"
#include "base/result.h"

namespace kernel {

/// open(2), openat(2), creat(2).
/// @return EFAULT, ENAMETOOLONG: the path cannot be read.  EBADF: no such directory descriptor.  What `walk` says.
///         EINVAL: no such access, or O_CREAT with O_DIRECTORY.  EOPNOTSUPP: O_TMPFILE.  EMFILE, ENFILE: too many files
///         are open.  EEXIST: O_EXCL.  ELOOP: O_NOFOLLOW and a symbolic link.  EISDIR: a directory, to be written or
///         made. ENOTDIR: O_DIRECTORY and something else.  ENOSPC, ENOMEM, EPERM: it cannot be made.  What
///         Inode::opened says.
base::Result<std::uint64_t> open(arch::VirtAddr path, std::uint64_t flags, std::uint64_t mode);
base::Result<std::uint64_t> openat(std::uint64_t directory, arch::VirtAddr path, std::uint64_t flags,
                                   std::uint64_t mode);
base::Result<std::uint64_t> creat(arch::VirtAddr path, std::uint64_t mode);

} // namespace kernel
