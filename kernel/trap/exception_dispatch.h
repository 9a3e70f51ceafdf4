// SPDX-License-Identifier: MIT
// What cpu/exception_entry.S calls for vectors 0..31.
#pragma once

#include "layout/trap_frame.h"

extern "C" void exception_dispatch(layout::TrapFrame& frame);
