// SPDX-License-Identifier: MIT
// Copies between kernel and user memory.  Nothing is looked up beforehand: the access itself is allowed to fault, and
// a fault ends the copy.  [cpu/user_copy.S]
#pragma once

#include "arch/address.h"
#include "base/result.h"
#include "base/span.h"

namespace kernel {

/// True when [begin, begin + count) lies in user space; no sum can wrap.
bool in_user_space(arch::VirtAddr begin, std::uint64_t count);

/// Fills `to` from user space.
/// @return  bytes copied: none when the range leaves user space, fewer than `to.size()` when a byte cannot be read
std::uint64_t copy_from_user(base::Span<std::uint8_t> to, arch::VirtAddr from);

/// Copies `from` into user space.
/// @return  bytes copied: none when the range leaves user space, fewer than `from.size()` when a byte cannot be written
std::uint64_t copy_to_user(arch::VirtAddr to, base::Span<const std::uint8_t> from);

/// Copies the begin of `bytes` to the program.  EFAULT: nothing of it could be stored.
inline base::Result<std::uint64_t> give_user(arch::VirtAddr to, base::Span<const std::uint8_t> bytes)
{
    const std::uint64_t copied = copy_to_user(to, bytes);
    return copied == 0 && !bytes.empty() ? base::fail(uapi::Error::Efault) : base::Result<std::uint64_t>(copied);
}

/// One object out of user memory.  EFAULT: not all of it can be read.
template <typename T> base::Result<T> read_user(arch::VirtAddr from)
{
    T object;
    if (copy_from_user({reinterpret_cast<std::uint8_t*>(&object), sizeof object}, from) < sizeof object) {
        return base::fail(uapi::Error::Efault);
    }
    return object;
}

/// One object into user memory.  EFAULT: not all of it could be written.
template <typename T> base::Result<void> write_user(arch::VirtAddr to, const T& object)
{
    if (copy_to_user(to, {reinterpret_cast<const std::uint8_t*>(&object), sizeof object}) < sizeof object) {
        return base::fail(uapi::Error::Efault);
    }
    return {};
}

/// The address at which an exception at `rip` in ring 0 continues, or a null address when it is a bug.
arch::VirtAddr exception_fixup(arch::VirtAddr rip);

} // namespace kernel
