// SPDX-License-Identifier: MIT
// Vectors, MSRs, and the handler of everything that is no system call.
#include "guests/apic/trap.h"

#include "guests/apic/local_apic.h"
#include "guests/apic/threads.h"
#include "guests/common/descriptor_tables.h"
#include "guests/common/instructions.h"
#include "guests/common/serial.h"

extern "C" {
void divide_entry();
void invalid_opcode_entry();
void double_fault_entry();
void stack_fault_entry();
void protection_entry();
void page_fault_entry();
void timer_entry();
void spurious_entry();
void syscall_entry();

Cpu boot_cpu;
}

namespace {

constexpr std::uint32_t kStar = 0xc000'0081, kLstar = 0xc000'0082, kFmask = 0xc000'0084, kGsBase = 0xc000'0101,
                        kKernelGsBase = 0xc000'0102;
constexpr unsigned kSpurious = 0xff;

} // namespace

void start_traps()
{
    set_gate(0, divide_entry, 0, 0);
    set_gate(6, invalid_opcode_entry, 0, 0);
    set_gate(8, double_fault_entry, 0, 1);
    set_gate(12, stack_fault_entry, 0, 0);
    set_gate(13, protection_entry, 0, 0);
    set_gate(14, page_fault_entry, 0, 0);
    set_gate(kTimerVector, timer_entry, 0, 0);
    set_gate(kSpurious, spurious_entry, 0, 0);

    constexpr std::uint64_t kSysretBase = kKernelData | 3, kTrapFlag = 0x100, kInterruptFlag = 0x200,
                            kDirectionFlag = 0x400, kNestedTask = 0x4000, kAlignmentCheck = 0x4'0000;
    write_msr(kStar, kSysretBase << 48 | std::uint64_t{kKernelCode} << 32);
    write_msr(kLstar, reinterpret_cast<std::uint64_t>(syscall_entry));
    write_msr(kFmask, kTrapFlag | kInterruptFlag | kDirectionFlag | kNestedTask | kAlignmentCheck);
    boot_cpu.self = &boot_cpu;
    write_msr(kGsBase, reinterpret_cast<std::uint64_t>(&boot_cpu));
    write_msr(kKernelGsBase, 0);
}

Frame* on_interrupt(Frame* frame)
{
    switch (frame->vector) {
    case kTimerVector: end_of_interrupt(); return next_thread(frame);
    case kSpurious: return frame;
    default: break;
    }
    serial_write("exception ");
    serial_write_number(frame->vector);
    serial_write(": ");
    panic(frame->cs == kUserCode ? "ring 3 did what it must not" : "ring 0 did what it must not");
}

[[gnu::noinline]] void panic(const char* reason)
{
    serial_write(reason);
    serial_write("\n");
    power_off();
}

void power_off()
{
    constexpr std::uint16_t kPm1Control = 0x604, kSleepEnable = 0x2000; // where QEMU's pc machine has it; S5 is type 0
    out16(kPm1Control, kSleepEnable);
    stop();
}
