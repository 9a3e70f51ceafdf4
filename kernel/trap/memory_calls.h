// SPDX-License-Identifier: MIT
// System calls on the caller's memory.  The flags are judged here, ranges and rights in mm/user_memory.h.
// W^X holds for programs too: no page is ever writable and executable, so that PROT_WRITE | PROT_EXEC is EACCES
// everywhere; a page that was written may become executable by mprotect, which takes the right to write it.
#pragma once

#include "arch/address.h"
#include "base/result.h"

namespace kernel {

/// mmap(2): anonymous pages, private or shared with children, or a private view of a file.
/// @return their address, or beside what UserMemory::map says
///         EINVAL  not exactly one of MAP_PRIVATE and MAP_SHARED; an offset that is no page border; MAP_GROWSDOWN
///         EBADF   not MAP_ANONYMOUS, and no such descriptor
///         EACCES  the file is not open for reading
///         ENODEV  it is no regular file, or MAP_SHARED
base::Result<std::uint64_t> mmap(arch::VirtAddr address, std::uint64_t length, std::uint64_t protection,
                                 std::uint64_t flags, std::uint64_t descriptor, std::uint64_t offset);

/// munmap(2), see UserMemory::unmap.
base::Result<std::uint64_t> munmap(arch::VirtAddr address, std::uint64_t length);

/// mprotect(2), see UserMemory::protect.  EINVAL: an unknown protection.
base::Result<std::uint64_t> mprotect(arch::VirtAddr address, std::uint64_t length, std::uint64_t protection);

/// mremap(2), see UserMemory::remap.  EINVAL: an unknown flag.
base::Result<std::uint64_t> mremap(arch::VirtAddr address, std::uint64_t old_length, std::uint64_t new_length,
                                   std::uint64_t flags, arch::VirtAddr new_address);

/// brk(2) as Linux has it: the heap's end, the old one when it cannot be moved; never an error.
std::uint64_t brk(arch::VirtAddr end);

/// madvise(2), see UserMemory::discard.  MADV_FREE is MADV_DONTNEED; other advice is checked and needs nothing done.
/// EINVAL: unknown advice.
base::Result<std::uint64_t> madvise(arch::VirtAddr address, std::uint64_t length, std::uint64_t advice);

} // namespace kernel
