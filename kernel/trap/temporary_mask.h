// SPDX-License-Identifier: MIT
// A signal mask for the time of one call: ppoll(2), pselect6(2).
#pragma once

#include "cpu/user_copy.h"
#include "process/harbor.h"
#include "process/loom.h"

namespace kernel {

/// Makes `call` with the signals at `set` blocked instead of the thread's own; null: with those.  When a signal ends
/// it, the mask stays until a handler has the old one to go back to.
/// @return EINVAL: `size` is not that of a set.  EFAULT.  What `call` returns.
template <typename Call> base::Result<std::uint64_t> with_signal_mask(arch::VirtAddr set, std::uint64_t size, Call call)
{
    if (set == arch::VirtAddr{}) {
        return call();
    }
    if (size != sizeof(SignalSet)) {
        return base::fail(uapi::Error::Einval);
    }
    const SignalSet mask{TRY(read_user<std::uint64_t>(set))};
    Thread& thread = loom.current();
    thread.mask_to_restore = thread.blocked;
    thread.has_mask_to_restore = true;
    harbor.set_mask(thread, mask);
    const base::Result<std::uint64_t> result = call();
    if (!result && result.error() == uapi::Error::ErestartNoHandler) {
        thread.return_work |= return_work::kSignal; // the mask comes back also when nothing is delivered
    } else {
        thread.has_mask_to_restore = false;
        harbor.set_mask(thread, thread.mask_to_restore);
    }
    return result;
}

} // namespace kernel
