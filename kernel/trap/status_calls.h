// SPDX-License-Identifier: MIT
// System calls that tell of files and file systems.  All of them: EFAULT, and what find_inode says of a path, or EBADF
// of a descriptor.
#pragma once

#include "arch/address.h"
#include "base/result.h"

namespace kernel {

/// stat(2), lstat(2), fstat(2), newfstatat(2).  EINVAL: an unknown flag.
base::Result<std::uint64_t> stat(arch::VirtAddr path, arch::VirtAddr status);
base::Result<std::uint64_t> lstat(arch::VirtAddr path, arch::VirtAddr status);
base::Result<std::uint64_t> fstat(std::uint64_t descriptor, arch::VirtAddr status);
base::Result<std::uint64_t> newfstatat(std::uint64_t directory, arch::VirtAddr path, arch::VirtAddr status,
                                       std::uint64_t flags);
/// statx(2).  EINVAL: an unknown flag, or a reserved bit of the mask.
base::Result<std::uint64_t> statx(std::uint64_t directory, arch::VirtAddr path, std::uint64_t flags, std::uint64_t mask,
                                  arch::VirtAddr status);
/// access(2), faccessat(2), faccessat2(2): all users are the superuser, who may read and write everything, and execute
/// what somebody may.  EACCES.  EINVAL: unknown bits.
base::Result<std::uint64_t> access(arch::VirtAddr path, std::uint64_t mode);
base::Result<std::uint64_t> faccessat2(std::uint64_t directory, arch::VirtAddr path, std::uint64_t mode,
                                       std::uint64_t flags);
/// statfs(2), fstatfs(2).
base::Result<std::uint64_t> statfs(arch::VirtAddr path, arch::VirtAddr status);
base::Result<std::uint64_t> fstatfs(std::uint64_t descriptor, arch::VirtAddr status);
/// readlink(2), readlinkat(2).  EINVAL: no symbolic link, or no room.
base::Result<std::uint64_t> readlink(arch::VirtAddr path, arch::VirtAddr buffer, std::uint64_t size);
base::Result<std::uint64_t> readlinkat(std::uint64_t directory, arch::VirtAddr path, arch::VirtAddr buffer,
                                       std::uint64_t size);

} // namespace kernel
