// SPDX-License-Identifier: MIT
// Copies between kernel and user memory.  Nothing is looked up beforehand: the access itself is allowed to fault, and
// a fault ends the copy.  [cpu/user_copy.S]
#pragma once

#include "arch/address.h"
#include "base/span.h"

namespace kernel {

/// True when [begin, begin + count) lies in user space; no sum can wrap.
bool in_user_space(arch::VirtAddr begin, std::uint64_t count);

/// Fills `to` from user space.
/// @return  bytes copied: none when the range leaves user space, fewer than `to.size()` when a byte cannot be read
std::uint64_t copy_from_user(base::Span<std::uint8_t> to, arch::VirtAddr from);

/// The address at which an exception at `rip` in ring 0 continues, or a null address when it is a bug.
arch::VirtAddr exception_fixup(arch::VirtAddr rip);

} // namespace kernel
