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

/// set_robust_list(2).  EINVAL: another size than that of a uapi::RobustList.
base::Result<std::uint64_t> set_robust_list(arch::VirtAddr list, std::uint64_t size);
/// get_robust_list(2): of a thread, 0 for the caller.  ESRCH.  EPERM: of another Vessel.  EFAULT.
base::Result<std::uint64_t> get_robust_list(std::uint64_t thread, arch::VirtAddr list, arch::VirtAddr size);

} // namespace kernel
