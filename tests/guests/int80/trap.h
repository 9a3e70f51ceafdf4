// SPDX-License-Identifier: MIT
// What an entry to ring 0 leaves on the kernel stack.
#pragma once

#include <cstdint>

struct Frame {
    std::uint64_t r15, r14, r13, r12, r11, r10, r9, r8, rbp, rdi, rsi, rdx, rcx, rbx, rax; ///< pushed by entry.S
    std::uint64_t vector, error_code;
    std::uint64_t rip, cs, rflags, rsp, ss; ///< pushed by the CPU
};

extern "C" {
[[noreturn]] void resume(Frame* frame);
/// @return the frame to go on with
Frame* trap_dispatch(Frame* frame);
}

/// Fills the IDT, points the 8259s' interrupts to vectors 32 to 47 and starts the 8253 at 1000 Hz.
void start_traps();
/// Says why on the console and ends the machine.
extern "C" [[noreturn]] void panic(const char* reason);
/// Ends the machine with a value that says whether all went well.
[[noreturn]] void end_machine(std::uint8_t value);
inline constexpr std::uint8_t kGoodEnd = 0x2a, kBadEnd = 0x2b;
