// SPDX-License-Identifier: MIT
// System calls: signals as something to read.
#pragma once

#include "arch/address.h"
#include "base/result.h"

#include <cstdint>

namespace kernel {

/// signalfd4(2), and signalfd(2) without flags: a file of the signals in `mask`, or another mask for one there is.
/// @return the descriptor.  EINVAL: no such size, no such flags, or the descriptor is for something else.  EFAULT.
///         EBADF.  EMFILE, ENFILE, ENOMEM.
base::Result<std::uint64_t> signalfd4(std::uint64_t descriptor, arch::VirtAddr mask, std::uint64_t mask_size,
                                      std::uint64_t flags);

} // namespace kernel
