// SPDX-License-Identifier: MIT
// What cpu/exception_entry.S calls when a thread that is about to go on in ring 3 has return work.
#pragma once

#include "layout/trap_frame.h"

/// Does what Thread::return_work of the running thread asks for and clears it; asked again until nothing is left.
/// @param frame  the ring-3 state that the thread will go on with
extern "C" void do_return_work(layout::TrapFrame& frame);
