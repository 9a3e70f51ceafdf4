// SPDX-License-Identifier: MIT
// System calls that make, remove and change names.  All of them: EFAULT, what find_place says of a path, and what
// fs/names.h says of the change.
#pragma once

#include "arch/address.h"
#include "base/result.h"

namespace kernel {

/// mkdir(2), mkdirat(2).
base::Result<std::uint64_t> mkdirat(std::uint64_t directory, arch::VirtAddr path, std::uint64_t mode);
/// mknod(2), mknodat(2), of regular files and FIFOs.  EPERM: of anything else.  EINVAL: no such kind.
base::Result<std::uint64_t> mknodat(std::uint64_t directory, arch::VirtAddr path, std::uint64_t mode);
/// unlink(2), rmdir(2), unlinkat(2).  EINVAL: an unknown flag.
base::Result<std::uint64_t> unlinkat(std::uint64_t directory, arch::VirtAddr path, std::uint64_t flags);
/// rename(2), renameat(2), renameat2(2).  EINVAL: a flag other than RENAME_NOREPLACE.
base::Result<std::uint64_t> renameat2(std::uint64_t old_directory, arch::VirtAddr old_path, std::uint64_t new_directory,
                                      arch::VirtAddr new_path, std::uint64_t flags);
/// link(2), linkat(2).  EINVAL: an unknown flag.
base::Result<std::uint64_t> linkat(std::uint64_t old_directory, arch::VirtAddr old_path, std::uint64_t new_directory,
                                   arch::VirtAddr new_path, std::uint64_t flags);
/// symlink(2), symlinkat(2).  ENOENT: the target is empty.  ENAMETOOLONG: it is longer than a path.
base::Result<std::uint64_t> symlinkat(arch::VirtAddr target, std::uint64_t directory, arch::VirtAddr path);

} // namespace kernel
