// SPDX-License-Identifier: MIT
// Copies between kernel and user memory.  Nothing is looked up beforehand: the access itself is allowed to fault, and
// a fault ends the copy.  [cpu/user_copy.S]
#pragma once

#include "arch/address.h"
#include "base/span.h"

namespace kernel {

/// Fills `to` from user space.
/// @return  bytes copied: less than `to.size()` when the range leaves user space or a byte of it cannot be read
std::uint64_t copy_from_user(base::Span<std::uint8_t> to, arch::VirtAddr from);

/// The address at which an exception at `rip` in ring 0 continues, or a null address when it is a bug.
arch::VirtAddr exception_fixup(arch::VirtAddr rip);

} // namespace kernel
