// SPDX-License-Identifier: MIT
// Vectors and the handlers behind them: the timer preempts, INT 0x80 is a system call, everything else is the end.
#include "guests/int80/trap.h"

#include "guests/common/descriptor_tables.h"
#include "guests/common/instructions.h"
#include "guests/common/serial.h"
#include "guests/int80/tasks.h"

extern "C" {
void divide_entry();
void debug_entry();
void breakpoint_entry();
void invalid_opcode_entry();
void double_fault_entry();
void invalid_tss_entry();
void segment_not_present_entry();
void stack_fault_entry();
void protection_entry();
void page_fault_entry();
void timer_entry();
void spurious_entry();
void syscall_entry();
}

namespace {

constexpr unsigned kTimer = 32, kSpurious = 39, kSystemCall = 0x80;

void start_interrupt_controllers()
{
    constexpr std::uint16_t kFirst = 0x20, kSecond = 0xa0;
    const auto start = [](std::uint16_t port, std::uint8_t vector, std::uint8_t cascade, std::uint8_t mask) {
        out8(port, 0x11); // ICW1: edge triggered, cascaded, ICW4 follows
        out8(static_cast<std::uint16_t>(port + 1), vector);
        out8(static_cast<std::uint16_t>(port + 1), cascade);
        out8(static_cast<std::uint16_t>(port + 1), 0x01); // ICW4: 8086
        out8(static_cast<std::uint16_t>(port + 1), mask);
    };
    start(kFirst, kTimer, 0x04, 0xfe); // only IRQ 0
    start(kSecond, kTimer + 8, 0x02, 0xff);
}

void start_timer()
{
    constexpr std::uint16_t kDivisor = 1193; // of 1193182 Hz
    out8(0x43, 0x34);                        // channel 0, both bytes, rate generator
    out8(0x40, kDivisor & 0xff);
    out8(0x40, kDivisor >> 8);
}

} // namespace

void start_traps()
{
    set_gate(0, divide_entry, 0, 0);
    set_gate(1, debug_entry, 0, 0);
    set_gate(3, breakpoint_entry, 0, 0);
    set_gate(6, invalid_opcode_entry, 0, 0);
    set_gate(8, double_fault_entry, 0, 1);
    set_gate(10, invalid_tss_entry, 0, 0);
    set_gate(11, segment_not_present_entry, 0, 0);
    set_gate(12, stack_fault_entry, 0, 0);
    set_gate(13, protection_entry, 0, 0);
    set_gate(14, page_fault_entry, 0, 0);
#ifdef BROKEN_WRONG_GATE
    set_gate(kTimer, spurious_entry, 0, 0);
#else
    set_gate(kTimer, timer_entry, 0, 0);
#endif
    set_gate(kSpurious, spurious_entry, 0, 0);
    set_gate(kSystemCall, syscall_entry, 3, 0);
    start_interrupt_controllers();
    start_timer();
}

Frame* trap_dispatch(Frame* frame)
{
    switch (frame->vector) {
    case kTimer:
        out8(0x20, 0x20); // end of interrupt
        return next_task(frame);
    case kSpurious: return frame;
    case kSystemCall: return system_call(frame);
    default: break;
    }
    serial_write("exception ");
    serial_write_number(frame->vector);
    panic(frame->cs == kUserCode ? " in ring 3" : " in ring 0");
}

void panic(const char* reason)
{
    serial_write(reason);
    serial_write("\n");
    end_machine(kBadEnd);
}

void end_machine(std::uint8_t value)
{
    out8(0xf4, value); // QEMU's isa-debug-exit
    stop();
}
