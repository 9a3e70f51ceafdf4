// SPDX-License-Identifier: MIT
// One crossing out of a scenario: how it starts, and what its end leaves.  trap_entry.S pushes and pops in this order.
#pragma once

#include <cstddef>
#include <cstdint>

namespace conformance {

struct GeneralRegisters {
    std::uint64_t r15, r14, r13, r12, r11, r10, r9, r8, rbp, rdi, rsi, rdx, rcx, rbx, rax;
};

/// What IRETQ pops, and what an event pushes.  [SDM 3A "64-Bit Mode Stack Frame"]
struct InterruptFrame {
    std::uint64_t rip, cs, rflags, rsp, ss;
};

/// The registers that a scenario starts with.
struct Start {
    GeneralRegisters registers;
    InterruptFrame frame;
};
static_assert(sizeof(Start) == 20 * 8);

/// What lies on the stack after an event, lowest address first.
struct Trapped {
    GeneralRegisters registers;
    std::uint64_t vector, entry_rflags;
    std::uint64_t tail[6]; ///< an error code where the CPU pushed one, then the InterruptFrame

    /// The CPU aligns the stack to 16 bytes before it pushes, so the parity of what it pushed shows in the address.
    bool has_error_code() const { return (reinterpret_cast<std::uint64_t>(tail) & 8) == 0; }
    std::uint64_t error_code() const { return tail[0]; }
    const InterruptFrame& frame() const
    {
        return *reinterpret_cast<const InterruptFrame*>(has_error_code() ? tail + 1 : tail);
    }
    /// Where the stack stood before the CPU pushed.
    std::uint64_t frame_top() const { return reinterpret_cast<std::uint64_t>(&frame() + 1); }
};
static_assert(offsetof(Trapped, tail) == 17 * 8);

} // namespace conformance

extern "C" {
/// Leaves for `start` and returns after the first event, which record_trap or record_syscall has seen.
void enter(const conformance::Start& start);
void record_trap(const conformance::Trapped& trapped);
void record_syscall(const conformance::Trapped& trapped);
extern const std::uint64_t trap_stubs[];
void syscall_stub();
}
