// SPDX-License-Identifier: MIT
#include "trap/return_work.h"

#include "cpu/user_copy.h"
#include "process/harbor.h"
#include "process/loom.h"
#include "process/signal_delivery.h"

extern "C" void do_return_work(layout::TrapFrame& frame)
{
    using namespace kernel;
    Thread& thread = loom.current();
    // A changed frame asks for nothing more than the way that led here: all of it is restored.
    thread.return_work &= ~return_work::kFrameChanged;
    if (thread.killed()) {
        harbor.end_current_thread();
    }
    if ((thread.return_work & return_work::kStoreTid) != 0) {
        thread.return_work &= ~return_work::kStoreTid;
        // A bad address is the program's own loss.  [Linux kernel/sched/core.c]
        [[maybe_unused]] const base::Result<void> stored =
            write_user(arch::VirtAddr{thread.store_tid}, static_cast<std::uint32_t>(thread.id));
    }
    if ((thread.return_work & return_work::kSignal) != 0) {
        deliver_signals(frame);
        if (thread.killed()) {
            harbor.end_current_thread();
        }
    }
    if ((thread.return_work & return_work::kReschedule) != 0) {
        loom.preempt();
    }
}
