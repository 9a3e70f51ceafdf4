// SPDX-License-Identifier: MIT
// What cpu/syscall_entry.S calls.
#pragma once

#include "layout/trap_frame.h"

extern "C" void syscall_dispatch(layout::TrapFrame& frame);
