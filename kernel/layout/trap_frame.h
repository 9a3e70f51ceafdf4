// SPDX-License-Identifier: MIT
// What every entry to the kernel leaves on the kernel stack, lowest address first.
// The push order is cpu/trap_macros.inc; a transition test proves that the two agree.
#pragma once

#include <cstddef>
#include <cstdint>

namespace layout {

struct TrapFrame {
    std::uint64_t r15, r14, r13, r12, r11, r10, r9, r8, rbp, rdi, rsi, rdx, rcx, rbx, rax; // PUSH_GENERAL_REGISTERS
    std::uint64_t vector, error_code; // the entry stub; error_code by the CPU where the vector has one, else 0;
                                      // the SYSCALL entry: the call's number
    std::uint64_t rip, cs, rflags, rsp,
        ss; // the CPU, or the SYSCALL entry in its place  [SDM 3A "64-Bit Mode Stack Frame"]
};

static_assert(sizeof(TrapFrame) == 22 * 8 && sizeof(TrapFrame) % 16 == 0, "C++ is called on an aligned stack");
static_assert(offsetof(TrapFrame, vector) == 15 * 8 && offsetof(TrapFrame, rip) == 17 * 8);

/// `TrapFrame::vector` of an entry by SYSCALL, which has no vector.
inline constexpr std::uint64_t kSyscallVector = 0x100;
/// The same when RAX is no result that a signal could still change.
inline constexpr std::uint64_t kSettledVector = 0x101;

} // namespace layout
