// SPDX-License-Identifier: MIT
// The block that GS points to while the kernel runs.
// Invariant: kernel_rsp equals TSS.RSP0 whenever ring 3 runs; one function, set_kernel_stack, writes both.
#pragma once

#include <cstddef>
#include <cstdint>

namespace layout {

struct PerCpu {
    std::uint64_t self;           ///< this block's own address
    std::uint64_t kernel_rsp;     ///< top of the running thread's kernel stack, loaded by the SYSCALL entry
    std::uint64_t user_rsp;       ///< scratch of the SYSCALL entry: user RSP until it stands in the frame
    std::uint64_t current_thread; ///< address of the running kernel::Thread
};

/// Where a kernel::Thread has its word of return work: nonzero when something is to be done for the thread before it
/// goes on in ring 3, and when every register of its frame has to be restored as it stands there.
inline constexpr std::uint64_t kReturnWorkInThread = 0;

static_assert(offsetof(PerCpu, kernel_rsp) == 8 && offsetof(PerCpu, user_rsp) == 16);

} // namespace layout
