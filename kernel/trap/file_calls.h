// SPDX-License-Identifier: MIT
// System calls that read and write files.
#pragma once

#include "arch/address.h"
#include "base/result.h"

#include <cstdint>

namespace kernel {

struct OpenFile;

/// What a list of pieces moves at most, about, and sendfile(2): no interrupt is taken meanwhile, and a device has no
/// end of its own.
inline constexpr std::uint64_t kMostAtOnce = std::uint64_t{16} << 20;

/// Writes from user memory where the file's place is, or at its end with O_APPEND, and moves the place on.
/// @return bytes written.  What Inode::write says.  EFAULT.
base::Result<std::uint64_t> write_to(OpenFile& file, arch::VirtAddr buffer, std::uint64_t count);

/// read(2).  EBADF: not open for reading.  EISDIR.  EFAULT: nothing could be stored.  Of the console: see
/// Terminal::read.
base::Result<std::uint64_t> read(std::uint64_t descriptor, arch::VirtAddr buffer, std::uint64_t count);
/// pread64(2), pwrite64(2).  As `read` and `write`, and EINVAL: a negative offset.  ESPIPE: a stream.
base::Result<std::uint64_t> pread64(std::uint64_t descriptor, arch::VirtAddr buffer, std::uint64_t count,
                                    std::uint64_t offset);
base::Result<std::uint64_t> pwrite64(std::uint64_t descriptor, arch::VirtAddr buffer, std::uint64_t count,
                                     std::uint64_t offset);
/// preadv(2), pwritev(2).  As `pread64` and `readv`.
base::Result<std::uint64_t> preadv(std::uint64_t descriptor, arch::VirtAddr pieces, std::uint64_t count,
                                   std::uint64_t offset);
base::Result<std::uint64_t> pwritev(std::uint64_t descriptor, arch::VirtAddr pieces, std::uint64_t count,
                                    std::uint64_t offset);
/// write(2).  EBADF: not open for writing.  EFAULT: nothing could be read.
base::Result<std::uint64_t> write(std::uint64_t descriptor, arch::VirtAddr buffer, std::uint64_t count);
/// readv(2), writev(2).  EINVAL: more than 1024 pieces, or one longer than half of all memory.  EFAULT: also when the
/// list of pieces cannot be read.
base::Result<std::uint64_t> readv(std::uint64_t descriptor, arch::VirtAddr pieces, std::uint64_t count);
base::Result<std::uint64_t> writev(std::uint64_t descriptor, arch::VirtAddr pieces, std::uint64_t count);
/// lseek(2).  EINVAL: no such origin, or a position below 0.  ESPIPE: the console.
base::Result<std::uint64_t> lseek(std::uint64_t descriptor, std::uint64_t offset, std::uint64_t origin);
/// ioctl(2).  EBADF.  ENOTTY: the file knows no such request.
base::Result<std::uint64_t> ioctl(std::uint64_t descriptor, std::uint64_t request, std::uint64_t argument);
/// fsync(2), fdatasync(2), sync(2): files are in memory, and nowhere else.  EBADF.  EINVAL: neither a regular file nor
/// a directory.
base::Result<std::uint64_t> fsync(std::uint64_t descriptor);
std::uint64_t sync();

} // namespace kernel
