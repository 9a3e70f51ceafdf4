// SPDX-License-Identifier: MIT
// System calls that make pipes and counters.
#pragma once

#include "arch/address.h"
#include "base/result.h"

namespace kernel {

/// pipe(2), pipe2(2): two descriptors, the read end's first, go to `descriptors`.  EINVAL: other flags than O_CLOEXEC
/// and O_NONBLOCK.  EFAULT: they cannot be stored, and are closed.  EMFILE, ENFILE, ENOMEM.
base::Result<std::uint64_t> pipe(arch::VirtAddr descriptors);
base::Result<std::uint64_t> pipe2(arch::VirtAddr descriptors, std::uint64_t flags);
/// eventfd(2), eventfd2(2): the counter begins with `value`, an unsigned int.  EINVAL: flags.  EMFILE, ENFILE, ENOMEM.
base::Result<std::uint64_t> eventfd2(std::uint64_t value, std::uint64_t flags);

} // namespace kernel
