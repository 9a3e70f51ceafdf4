// SPDX-License-Identifier: MIT
// A PC's interrupts by way of the I/O APIC, with the 8259s masked.
#include "arch/io_apic.h"
#include "arch/local_apic.h"
#include "support/device_page.h"

#include <gtest/gtest.h>

namespace {

using namespace ringcheck;
using model::Gpr;
using support::MachineGuest;
using Kind = TransitionKind;

/// RDI is the local APIC, RSI the I/O APIC.
model::CpuState start(MachineGuest& guest)
{
    map_device(guest, support::kFirstDevicePage, arch::local_apic::kDefaultBase);
    map_device(guest, support::kSecondDevicePage, arch::io_apic::kBase);
    return with_device_pages(guest);
}

GUEST_CODE(end_of_interrupt, R"(
    inc   %r15
    movl  $0, 0xb0(%rdi)
    iretq
)");

/// Line 2, where the PIT is, to vector 0x51; PIT as a rate generator with a count of 1000; three ticks in HLT.
GUEST_CODE(timer_by_line_2, R"(
    movl  $0x14, (%rsi)
    movl  $0x51, 0x10(%rsi)
    mov   $0x34, %al
    out   %al, $0x43
    mov   $0xe8, %al
    out   %al, $0x40
    mov   $0x03, %al
    out   %al, $0x40
    sti
1:  hlt
    cmp   $3, %r15
    jne   1b
    cli
    hlt
)");

TEST(MachineIoApic, TheTimerComesByLine2)
{
    MachineGuest guest;
    guest.place(MachineGuest::kKernelText, timer_by_line_2);
    guest.place(MachineGuest::handler(0x51), end_of_interrupt);
    EXPECT_EQ(guest.run(start(guest)).kind, EndKind::Halted);
    EXPECT_EQ(guest.machine->state()[Gpr::R15], 3u);
    EXPECT_EQ(guest.machine->now() / 838'000, 3u) << "1000 ticks of the PIT each";
    EXPECT_TRUE(guest.log.unmodelled.empty());
}

/// The CMOS clock at 1024 Hz by line 8 and vector 0x52; its handler does not read status C at first.
GUEST_CODE(clock_by_line_8, R"(
    movl  $0x20, (%rsi)
    movl  $0x52, 0x10(%rsi)
    mov   $0x0b, %al
    out   %al, $0x70
    mov   $0x42, %al
    out   %al, $0x71
    mov   $0x0c, %al
    out   %al, $0x70
    sti
1:  hlt
    in    $0x71, %al
    movzbl %al, %ebx
    cmp   $4, %r15
    jne   1b
    cli
    hlt
)");

TEST(MachineIoApic, TheClockInterruptsPeriodically)
{
    MachineGuest guest;
    guest.place(MachineGuest::kKernelText, clock_by_line_8);
    guest.place(MachineGuest::handler(0x52), end_of_interrupt);
    EXPECT_EQ(guest.run(start(guest)).kind, EndKind::Halted);
    EXPECT_EQ(guest.machine->state()[Gpr::R15], 4u);
    EXPECT_EQ(guest.machine->state()[Gpr::Rbx], 0xc0u);
    EXPECT_EQ(guest.machine->now() / 976'000, 4u);
}

} // namespace
