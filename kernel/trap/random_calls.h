// SPDX-License-Identifier: MIT
// System calls for random numbers.
#pragma once

#include "arch/address.h"
#include "base/result.h"

namespace kernel {

/// getrandom(2).  The generator is ready before the first program runs, so no flag makes a difference.
/// @return  bytes stored: `count`, at most 64 KiB, fewer when a later byte cannot be written
/// EINVAL: an unknown flag, or GRND_RANDOM with GRND_INSECURE.  EFAULT: not even the first byte can be written.
base::Result<std::uint64_t> getrandom(arch::VirtAddr buffer, std::uint64_t count, std::uint64_t flags);

} // namespace kernel
