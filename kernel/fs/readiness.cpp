// SPDX-License-Identifier: MIT
#include "fs/readiness.h"

#include "process/loom.h"

namespace kernel {

void Readiness::wake_watchers()
{
    for (const ReadinessWatch* watch = first_; watch != nullptr; watch = watch->next) {
        if (watch->thread->state == ThreadState::Blocked) { // else another file was first
            loom.wake(*watch->thread, WakeReason::Woken);
        }
    }
}

} // namespace kernel
