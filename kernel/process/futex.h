// SPDX-License-Identifier: MIT
// Waiting for a word of user memory to change, and telling those who wait.  [futex(2)]
#pragma once

#include "arch/address.h"
#include "base/result.h"
#include "process/loom.h"
#include "process/vessel.h"

namespace kernel {

/// Blocks the current thread while it is not woken, if the 32-bit word at `word` is `expected`.
/// @param bits      only a waker with one of them wakes it; not 0
/// @param deadline  in ticks, or Loom::kNever
/// @return EAGAIN: the word is different.  EFAULT: it cannot be read.  EINVAL: not a multiple of 4.  ETIMEDOUT.  EINTR:
///         the thread was killed.
base::Result<void> futex_wait(arch::VirtAddr word, std::uint32_t expected, std::uint32_t bits, std::uint64_t deadline);

/// Wakes at most `count` threads of `vessel` that wait for `word` with one of `bits`, the longest wait first.
/// @return  how many.  EINVAL: not a multiple of 4, or no bits.  EFAULT: no user address.
base::Result<unsigned> futex_wake(Vessel& vessel, arch::VirtAddr word, std::uint32_t bits, unsigned count);

/// The same, and at most `moved` of those that still wait then wait for `target`.
/// @return  how many were woken or moved.  EINVAL, EFAULT.
base::Result<unsigned> futex_requeue(Vessel& vessel, arch::VirtAddr word, unsigned woken, arch::VirtAddr target,
                                     unsigned moved);

/// Clears the word that set_tid_address or clone named, and wakes one thread that waits for it.
void tell_end_of_thread(Vessel& vessel, arch::VirtAddr word);

} // namespace kernel
