// SPDX-License-Identifier: MIT
// The paths of system calls: out of user memory, and to where they lead.
#pragma once

#include "arch/address.h"
#include "fs/open_file.h"
#include "fs/path_walk.h"
#include "process/harbor.h"

namespace kernel {

/// An int in a register: the upper half means nothing.
constexpr std::uint32_t as_int(std::uint64_t argument)
{
    return static_cast<std::uint32_t>(argument);
}

/// AT_FDCWD as an argument.
inline constexpr std::uint64_t kHere = static_cast<std::uint32_t>(uapi::kAtCurrentDirectory);

/// EBADF.
base::Result<HeldFile> find_file(std::uint64_t descriptor);
/// EBADF: also of a file that was opened with O_PATH.
base::Result<HeldFile> find_usable(std::uint64_t descriptor);

/// Copies a path into path_buffers[number].  EFAULT.  ENAMETOOLONG.
base::Result<base::StringView> read_path(arch::VirtAddr path, unsigned number = 0);

/// Where the path leads, beginning in `directory` when it does not begin with '/'.  See `walk`.  EFAULT.  EBADF.
base::Result<Place> find_place(std::uint64_t directory, arch::VirtAddr path, Walk how, unsigned number = 0);

/// What the path leads to.
/// @param flags  of uapi::at_flag: kNoFollow, and kEmptyPath for the file of `directory` itself
base::Result<InodeRef> find_inode(std::uint64_t directory, arch::VirtAddr path, std::uint32_t flags = 0);

} // namespace kernel
