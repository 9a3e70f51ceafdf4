// SPDX-License-Identifier: MIT
#include "fs/file_effects.h"

#include "fs/file_locks.h"
#include "process/clock.h"
#include "process/harbor.h"
#include "process/loom.h"

namespace kernel {

uapi::TimeSpec file_time()
{
    return time_spec_of_ticks(loom.now());
}

base::Result<void> pause_long_call()
{
    const bool ends = ends_call(loom.sleep(loom.now() + 1));
    return ends ? base::fail(uapi::Error::Eintr) : base::Result<void>{};
}

void wake_lock_waiters()
{
    loom.wake_all(file_locks::waiters);
}

void forget_file_pages(const PageSource& source, std::uint64_t first)
{
    for (unsigned slot = 0; slot < Harbor::kMaximumVessels; ++slot) {
        if (Vessel* const vessel = harbor.vessel(slot)) {
            vessel->memory.forget_file(source, first);
        }
    }
}

} // namespace kernel
