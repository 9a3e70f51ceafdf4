// SPDX-License-Identifier: MIT
// System calls on the CPU's own state.
#pragma once

#include "arch/address.h"
#include "base/result.h"

namespace kernel {

/// arch_prctl(2): FS and GS base of the calling thread.
/// @param code      an int: ARCH_SET_GS, ARCH_SET_FS, ARCH_GET_FS or ARCH_GET_GS
/// @param argument  the new base, or where to store the present one
/// EPERM: a base outside user space.  EFAULT: nothing can be stored there.  EINVAL: another code.
base::Result<std::uint64_t> arch_prctl(std::uint64_t code, arch::VirtAddr argument);

} // namespace kernel
