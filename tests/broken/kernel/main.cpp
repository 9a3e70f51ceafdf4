// SPDX-License-Identifier: MIT
// A kernel as its author has it on the first day with ring 3: one program, two system calls, one gate.  It is right;
// each of its other builds has one mistake that such kernels have (mistake.h).
#include "arch/control_registers.h"
#include "arch/exit_ports.h"
#include "arch/msr.h"
#include "arch/pic8259.h"
#include "arch/rflags.h"
#include "arch/uart16550.h"
#include "guests/common/instructions.h"
#include "kernel.h"
#include "mistake.h"
#include "numbers.h"
#include "timer.h"

static_assert(BOOT_CR0 == (arch::cr0::kProtectionEnable | arch::cr0::kNumericError | arch::cr0::kWriteProtect |
                           arch::cr0::kPaging));
static_assert(BOOT_EFER == (arch::efer::kSyscallEnable | arch::efer::kLongModeEnable | arch::efer::kNoExecuteEnable));
static_assert(BOOT_CR4 == arch::cr4::kPhysicalAddressExtension);
static_assert(EFER_LME == arch::efer::kLongModeEnable);
static_assert(EFER_NUMBER == static_cast<std::uint32_t>(arch::Msr::IA32_EFER));
static_assert(PER_CPU_KERNEL_STACK == __builtin_offsetof(PerCpu, kernel_stack) &&
              PER_CPU_USER_STACK == __builtin_offsetof(PerCpu, user_stack));

PerCpu per_cpu;

namespace {

void write_msr(arch::Msr msr, std::uint64_t value)
{
    asm volatile("wrmsr" ::"c"(static_cast<std::uint32_t>(msr)), "a"(static_cast<std::uint32_t>(value)),
                 "d"(static_cast<std::uint32_t>(value >> 32)));
}

/// Digits of `number`, the most significant first.
/// @param least  the least number that has more digits than one
void put_digits(std::uint64_t number, std::uint64_t least)
{
    if (number >= least) {
        put_digits(number / 10, least);
    }
    put_char(static_cast<char>('0' + number % 10));
}

} // namespace

void put_char(char character)
{
    using namespace arch::uart16550;
    while ((in8(kCom1 + kLineStatus) & kTransmitterHoldingEmpty) == 0) {
    }
    out8(kCom1 + kData, static_cast<std::uint8_t>(character));
}

void put_text(const char* text)
{
    for (; *text != '\0'; ++text) {
        put_char(*text);
    }
}

void put_number(std::uint64_t number)
{
    put_digits(number, kMistake == Mistake::stack_overflow ? 0 : 10);
}

void power_off()
{
    out16(arch::exit_ports::kAcpiPm1Control, arch::exit_ports::kAcpiSleepEnable);
    for (;;) {
        asm volatile("hlt");
    }
}

void enable_system_calls()
{
    constexpr std::uint64_t kSysretBase =
        kMistake == Mistake::star_one_slot_off ? (KERNEL_DATA + 8) | 3 : KERNEL_DATA | 3;
    constexpr std::uint64_t kSyscallBase = kMistake == Mistake::star_kernel_base_wrong ? KERNEL_DATA : KERNEL_CODE;
    write_msr(arch::Msr::IA32_STAR,
              arch::star::kSyscallBase.put(kSyscallBase) | arch::star::kSysretBase.put(kSysretBase));
    const std::uint64_t entry = address_of(reinterpret_cast<const void*>(syscall_entry));
    if constexpr (kMistake == Mistake::lstar_halves_swapped) {
        write_msr(arch::Msr::IA32_LSTAR, entry << 32 | entry >> 32);
    } else if constexpr (kMistake != Mistake::lstar_not_written) {
        write_msr(arch::Msr::IA32_LSTAR, entry);
    }
    namespace rflags = arch::rflags;
    write_msr(arch::Msr::IA32_FMASK,
              rflags::kInterrupt | rflags::kTrap | rflags::kDirection | rflags::kNestedTask | rflags::kAlignmentCheck);
    per_cpu.kernel_stack = address_of(kernel_stack_top);
    write_msr(arch::Msr::IA32_GS_BASE, address_of(&per_cpu));
    write_msr(arch::Msr::IA32_KERNEL_GS_BASE, 0);
}

extern "C" std::uint64_t syscall_dispatch(const char* bytes, std::uint64_t count, std::uint64_t, std::uint64_t,
                                          std::uint64_t number)
{
    switch (number) {
    case CALL_WRITE:
        if constexpr (kMistake == Mistake::null_call) {
            static void (*volatile nothing)();
            nothing();
        }
        if constexpr (kMistake == Mistake::red_zone) {
            leaf_function();
        }
        if constexpr (kMistake == Mistake::star_kernel_base_wrong || kMistake == Mistake::swapgs_from_ring_0) {
            asm volatile("int3"); // a breakpoint in the kernel, which is all right: the way back shows CS
        }
        for (std::uint64_t i = 0; i != count; ++i) {
            put_char(bytes[i]);
        }
        return count;
    case CALL_EXIT: power_off();
    default: return ~std::uint64_t{0};
    }
}

extern "C" void breakpoint_dispatch()
{
    static std::uint64_t count;
    put_text("breakpoint ");
    put_number(++count);
    put_char('\n');
}

extern "C" [[noreturn]] void give_up()
{
    put_text("page fault\n");
    for (;;) {
        asm volatile("cli; hlt");
    }
}

extern "C" [[noreturn]] void kernel_main()
{
    out8(arch::pic8259::kMasterData, 0xff);
    out8(arch::pic8259::kSlaveData, 0xff);
    if constexpr (kMistake == Mistake::nxe_not_set || kMistake == Mistake::sce_not_set) {
        write_msr(arch::Msr::IA32_EFER, BOOT_EFER & ~(kMistake == Mistake::nxe_not_set ? arch::efer::kNoExecuteEnable
                                                                                       : arch::efer::kSyscallEnable));
    }
    if constexpr (kMistake == Mistake::handler_stack_misaligned) {
        asm volatile("mov %0, %%cr4" ::"r"(BOOT_CR4 | arch::cr4::kOsFxsr));
    }
    if constexpr (kMistake == Mistake::interrupts_before_idt) {
        start_timer(TIMER_VECTOR);
    }
    load_tables();
    if constexpr (kMistake == Mistake::pic_not_remapped) {
        start_timer(8);
    }
    if constexpr (kMistake == Mistake::end_of_interrupt_missing) {
        start_timer(TIMER_VECTOR);
        while (ticks < 2) {
            asm volatile("hlt");
        }
    }
    const std::uint64_t program = build_address_spaces();
    enable_system_calls();
    put_text("entering ring 3\n");
    enter_user(USER_TEXT, USER_STACK_TOP, program);
}
