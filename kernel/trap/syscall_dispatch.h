// SPDX-License-Identifier: MIT
// What cpu/syscall_entry.S calls.
#pragma once

#include "layout/trap_frame.h"

/// Performs the call whose number is in `frame.rax`.
/// @return  what RAX will hold in ring 3
extern "C" std::uint64_t syscall_dispatch(layout::TrapFrame& frame);
