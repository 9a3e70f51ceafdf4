// SPDX-License-Identifier: MIT
// sendfile(2).
#pragma once

#include "arch/address.h"
#include "base/result.h"

namespace kernel {

/// Writes bytes of a regular file to an open file, as if the caller had mapped the one and written that to the other:
/// for as long as the call lasts, the caller has such a mapping, and so does a child that another thread makes then.
/// @param offset  where in the input, and where the place behind it is stored; null: the input's own place
/// @return bytes written, at most kMostAtOnce.  EFAULT.  EBADF.  ESPIPE: an offset in a stream.  EINVAL: an offset
/// below
///         0, no regular file, an output with O_APPEND.  ENOMEM.  What a write says.
base::Result<std::uint64_t> sendfile(std::uint64_t output, std::uint64_t input, arch::VirtAddr offset,
                                     std::uint64_t count);

} // namespace kernel
