// SPDX-License-Identifier: MIT
// System calls on file descriptors.
#pragma once

#include "arch/address.h"
#include "base/result.h"

namespace kernel {

/// write(2) on the console, the only file there is: descriptors 1 and 2.
/// @return  bytes written, which is `count` unless a later byte cannot be read
/// EBADF: another descriptor.  EFAULT: the buffer leaves user space, or not even its first byte can be read.
base::Result<std::uint64_t> write(std::uint64_t fd, arch::VirtAddr buffer, std::uint64_t count);

} // namespace kernel
