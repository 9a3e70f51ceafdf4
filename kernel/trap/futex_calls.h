// SPDX-License-Identifier: MIT
// futex(2): waiting and waking on words of user memory.
#pragma once

#include "arch/address.h"
#include "base/result.h"
#include "layout/trap_frame.h"

namespace kernel {

/// FUTEX_WAIT, FUTEX_WAKE, their _BITSET forms, FUTEX_REQUEUE and FUTEX_CMP_REQUEUE, private or not: words are told
/// apart by Vessel and address, so that two Vessels never wake each other.
/// ENOSYS: another operation.  The rest as process/futex.h has it.
base::Result<std::uint64_t> futex(const layout::TrapFrame& frame);

} // namespace kernel
