// SPDX-License-Identifier: MIT
// Guest code for a timer behind the 8259.
#pragma once

#include "support/machine_guest.h"

/// Text for GUEST_CODE: the first 8259 at vectors 0x20 and up, with only line 0, the timer, open.  Changes AL.
#define OPEN_TIMER_LINE                                                                                                \
    R"(
    mov   $0x11, %al
    out   %al, $0x20
    mov   $0x20, %al
    out   %al, $0x21
    mov   $4, %al
    out   %al, $0x21
    mov   $1, %al
    out   %al, $0x21
    mov   $0xfe, %al
    out   %al, $0x21
)"

namespace support {

inline constexpr unsigned kTimerVector = 0x20;

/// The handler of the timer's interrupt.
GUEST_CODE(end_of_timer_interrupt, R"(
    push  %rax
    mov   $0x20, %al
    out   %al, $0x20
    pop   %rax
    iretq
)");

/// Puts it there.
inline void place_timer_handler(MachineGuest& guest)
{
    guest.place(MachineGuest::handler(kTimerVector), end_of_timer_interrupt);
}

} // namespace support
