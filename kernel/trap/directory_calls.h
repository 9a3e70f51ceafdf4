// SPDX-License-Identifier: MIT
// System calls that list directories, and for the current one.
#pragma once

#include "arch/address.h"
#include "base/result.h"

namespace kernel {

/// getdents64(2).  EBADF.  ENOTDIR.  EINVAL: the buffer has no room for one entry.  EFAULT.  ENOENT: it was removed.
base::Result<std::uint64_t> getdents64(std::uint64_t descriptor, arch::VirtAddr buffer, std::uint64_t size);
/// getcwd(2): the bytes of the path, with its NUL.  ERANGE: no room.  ENOENT: the directory was removed.  EFAULT.
base::Result<std::uint64_t> getcwd(arch::VirtAddr buffer, std::uint64_t size);
/// chdir(2), fchdir(2).  ENOTDIR.  EBADF.  What find_inode says of a path.
base::Result<std::uint64_t> chdir(arch::VirtAddr path);
base::Result<std::uint64_t> fchdir(std::uint64_t descriptor);

} // namespace kernel
