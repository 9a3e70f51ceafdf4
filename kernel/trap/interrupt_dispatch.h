// SPDX-License-Identifier: MIT
// What cpu/exception_entry.S calls for vectors 32..255.
#pragma once

#include "layout/trap_frame.h"

extern "C" void interrupt_dispatch(layout::TrapFrame& frame);
