// SPDX-License-Identifier: MIT
// System calls that change what is known of a file, and its size.  All of them: EFAULT, and what find_inode says of a
// path, or EBADF of a descriptor.
#pragma once

#include "arch/address.h"
#include "base/result.h"

namespace kernel {

/// chmod(2), fchmod(2), fchmodat(2).
base::Result<std::uint64_t> fchmodat(std::uint64_t directory, arch::VirtAddr path, std::uint64_t mode);
base::Result<std::uint64_t> fchmod(std::uint64_t descriptor, std::uint64_t mode);
/// chown(2), lchown(2), fchown(2), fchownat(2): -1 leaves what is there.  EINVAL: an unknown flag.
base::Result<std::uint64_t> fchownat(std::uint64_t directory, arch::VirtAddr path, std::uint64_t user,
                                     std::uint64_t group, std::uint64_t flags);
base::Result<std::uint64_t> fchown(std::uint64_t descriptor, std::uint64_t user, std::uint64_t group);
/// utimensat(2), with a null path of the descriptor's file; utimes(2), futimesat(2), utime(2).
/// EINVAL: no time; an unknown flag.
base::Result<std::uint64_t> utimensat(std::uint64_t directory, arch::VirtAddr path, arch::VirtAddr times,
                                      std::uint64_t flags);
base::Result<std::uint64_t> futimesat(std::uint64_t directory, arch::VirtAddr path, arch::VirtAddr times);
base::Result<std::uint64_t> utime(arch::VirtAddr path, arch::VirtAddr times);
/// truncate(2), ftruncate(2).  EINVAL: below 0; no regular file; not open for writing.  EISDIR.  EFBIG.
base::Result<std::uint64_t> truncate(arch::VirtAddr path, std::uint64_t size);
base::Result<std::uint64_t> ftruncate(std::uint64_t descriptor, std::uint64_t size);
/// fallocate(2).  EOPNOTSUPP: a mode other than 0 and FALLOC_FL_KEEP_SIZE.  EBADF: not open for writing.  EINVAL: below
/// 0, or nothing.  What Inode::reserve says.
base::Result<std::uint64_t> fallocate(std::uint64_t descriptor, std::uint64_t mode, std::uint64_t offset,
                                      std::uint64_t count);
/// umask(2).
std::uint64_t umask(std::uint64_t mask);

} // namespace kernel
