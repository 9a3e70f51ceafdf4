// SPDX-License-Identifier: MIT
// System calls that make and close file descriptors.
#pragma once

#include "base/result.h"

namespace kernel {

/// close(2).  EBADF.
base::Result<std::uint64_t> close(std::uint64_t descriptor);
/// dup(2), dup2(2), dup3(2).  EBADF: not open, or a new number that none can have.  EMFILE.  EINVAL: dup3 with equal
/// numbers or other flags than O_CLOEXEC.
base::Result<std::uint64_t> dup(std::uint64_t descriptor);
base::Result<std::uint64_t> dup2(std::uint64_t from, std::uint64_t to);
base::Result<std::uint64_t> dup3(std::uint64_t from, std::uint64_t to, std::uint64_t flags);
/// fcntl(2): F_DUPFD, F_DUPFD_CLOEXEC, F_GETFD, F_SETFD, F_GETFL, F_SETFL; of pipes F_GETPIPE_SZ and F_SETPIPE_SZ,
/// EBADF for others; see Pipe::set_capacity.  EINVAL: another command.
base::Result<std::uint64_t> fcntl(std::uint64_t descriptor, std::uint64_t command, std::uint64_t argument);

} // namespace kernel
