// SPDX-License-Identifier: MIT
// A kernel whose boot takes long: rounds of what real ones do, 14 M instructions each, with a timer that interrupts
// them a thousand times a second.  The command line is the number of rounds; without one it is two.
#include "guests/common/descriptor_tables.h"
#include "guests/common/instructions.h"
#include "guests/common/serial.h"
#include "guests/long_boot/user.h"
#include "guests/long_boot/work.h"

extern "C" {
void syscall_entry();
void timer_entry();
void fault_entry();
void enter_user(void (*program)(), std::uint64_t stack);
[[noreturn]] void leave_user();
extern char kernel_stacks[8192], boot_pml4[];

// The arguments are used, or the compiler would not pass them.
[[gnu::noinline]] void program_started(std::uint64_t id, const char* name, const void* page_tables)
{
    asm volatile("" ::"r"(id), "r"(name), "r"(page_tables));
}

[[gnu::noinline]] void program_ended(std::uint64_t id, std::uint64_t status)
{
    asm volatile("" ::"r"(id), "r"(status));
}
}

namespace {

constexpr unsigned kVectors = 32, kTimer = 32;
constexpr std::uint8_t kGoodEnd = 0x10, kBadEnd = 0x11;

std::uint64_t ticks, sum_of_calls;

/// [Xen "x86/HVM direct boot ABI", hvm_start_info]
struct StartInfo {
    std::uint32_t magic, version, flags, modules;
    std::uint64_t module_list, command_line;
};

[[noreturn]] void end_machine(std::uint8_t value)
{
    out8(0xf4, value); // QEMU's isa-debug-exit
    stop();
}

std::uint64_t rounds_wanted(const StartInfo& info)
{
    constexpr std::uint64_t kDefault = 2;
    const auto* text = reinterpret_cast<const char*>(info.command_line);
    std::uint64_t number = 0;
    for (; text != nullptr && *text >= '0' && *text <= '9'; ++text) {
        number = number * 10 + static_cast<std::uint64_t>(*text - '0');
    }
    return number == 0 ? kDefault : number;
}

void start_system_calls()
{
    constexpr std::uint32_t kStar = 0xc000'0081, kLstar = 0xc000'0082, kFmask = 0xc000'0084;
    constexpr std::uint64_t kCleared = 0x4'7700; // AC, NT, DF, IF, TF
    write_msr(kStar, std::uint64_t{kKernelData | 3} << 48 | std::uint64_t{kKernelCode} << 32);
    write_msr(kLstar, reinterpret_cast<std::uint64_t>(&syscall_entry));
    write_msr(kFmask, kCleared);
}

void start_timer()
{
    constexpr std::uint16_t kFirst = 0x20, kSecond = 0xa0, kDivisor = 1193; // of 1193182 Hz
    const auto start = [](std::uint16_t port, std::uint8_t vector, std::uint8_t cascade, std::uint8_t mask) {
        out8(port, 0x11); // ICW1: edge triggered, cascaded, ICW4 follows
        out8(static_cast<std::uint16_t>(port + 1), vector);
        out8(static_cast<std::uint16_t>(port + 1), cascade);
        out8(static_cast<std::uint16_t>(port + 1), 0x01); // ICW4: 8086
        out8(static_cast<std::uint16_t>(port + 1), mask);
    };
    start(kFirst, kTimer, 0x04, 0xfe); // only IRQ 0
    start(kSecond, kTimer + 8, 0x02, 0xff);
    out8(0x43, 0x34); // channel 0, both bytes, rate generator
    out8(0x40, kDivisor & 0xff);
    out8(0x40, kDivisor >> 8);
}

} // namespace

extern "C" {

void timer_tick()
{
    ++ticks;
    out8(0x20, 0x20); // end of interrupt
}

[[noreturn]] void fault()
{
    serial_write("long boot: an exception\n");
    end_machine(kBadEnd);
}

std::uint64_t system_call(std::uint64_t number, std::uint64_t argument)
{
    if (number == kLeave) {
        leave_user();
    }
    sum_of_calls += argument;
    return sum_of_calls;
}

[[noreturn]] void kernel_main(const StartInfo& info)
{
    serial_start();
    load_descriptor_tables();
    for (unsigned vector = 0; vector < kVectors; ++vector) {
        set_gate(vector, fault_entry, 0, 0);
    }
    set_gate(kTimer, timer_entry, 0, 0);
    task_state_segment.rsp0 = reinterpret_cast<std::uint64_t>(kernel_stacks + sizeof kernel_stacks);
    start_system_calls();
    start_timer();
    asm volatile("sti");
    std::uint64_t sum = 0;
    for (std::uint64_t left = rounds_wanted(info); left != 0; --left) {
        sum += clear_memory();
        sum ^= build_page_tables();
        sum = checksum_memory(sum);
        sum += sort_words(sum | 1);
        sum += call_functions(20);
        program_started(left, "user", boot_pml4);
        enter_user(user_program, kUserStackTop - 8); // as after a CALL
        program_ended(left, 0);
        sum ^= sum_of_calls;
        serial_write(".");
    }
    serial_write("\nlong boot: sum ");
    serial_write_number(sum);
    serial_write(ticks > 0 ? ", and the timer ticked\n" : ", but the timer never ticked\n");
    end_machine(kGoodEnd);
}
}
