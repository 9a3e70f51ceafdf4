// SPDX-License-Identifier: MIT
#include "trap/return_work.h"

#include "process/loom.h"

extern "C" void do_return_work(layout::TrapFrame&)
{
    // A changed frame asks for nothing more than the way that led here: all of it is restored.
    kernel::loom.current().return_work &= ~kernel::return_work::kFrameChanged;
}
