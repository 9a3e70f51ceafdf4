// SPDX-License-Identifier: MIT
#include "cpu/gdt.h"

#include "arch/segment.h"
#include "arch/tss.h"
#include "base/sealed.h"
#include "cpu/registers.h"
#include "cpu/table_pointer.h"
#include "layout/address_map.h"
#include "layout/selectors.h"

extern "C" {
layout::PerCpu per_cpu;
/// Slots of a guard page and a stack: the boot stack, then the IST stacks in order of their index (boot.S).
extern std::uint8_t boot_stacks[];
}

namespace kernel {
namespace {

SEALED std::uint64_t gdt[layout::kGdtWords]; // its accessed bits are set, so that the CPU writes none
arch::Tss tss;

arch::VirtAddr static_stack_top(unsigned slot)
{
    return arch::VirtAddr{reinterpret_cast<std::uint64_t>(boot_stacks)} + layout::kKernelStackStride * (slot + 1);
}

void fill_gdt()
{
    const auto tss_descriptor = arch::TssDescriptor::available(reinterpret_cast<std::uint64_t>(&tss), sizeof tss - 1);
    const auto word = [](std::uint16_t selector) -> std::uint64_t& { return gdt[selector / 8]; };
    word(layout::kKernelCode) = arch::SegmentDescriptor::code(arch::Ring::Kernel).raw();
    word(layout::kKernelData) = arch::SegmentDescriptor::data(arch::Ring::Kernel).raw();
    word(layout::kUserData) = arch::SegmentDescriptor::data(arch::Ring::User).raw();
    word(layout::kUserCode) = arch::SegmentDescriptor::code(arch::Ring::User).raw();
    word(layout::kTssSelector) = tss_descriptor.low;
    word(layout::kTssSelector + 8) = tss_descriptor.high;
}

/// CS through a far return, SS by a move; the data segments stay null.
void reload_segments()
{
    asm volatile("push %0\n"
                 "lea 1f(%%rip), %%rax\n"
                 "push %%rax\n"
                 "lretq\n"
                 "1: mov %1, %%ss\n"
                 :
                 : "i"(layout::kKernelCode), "r"(std::uint32_t{layout::kKernelData})
                 : "rax", "memory");
}

} // namespace

void load_gdt()
{
    fill_gdt();
    tss.io_map_base = sizeof tss; // beyond the limit: no port is allowed in ring 3
    for (unsigned index = 1; index <= layout::kIstCount; ++index) {
        tss.ist[index - 1] = static_stack_top(index).value;
    }

    const TablePointer pointer{sizeof gdt - 1, reinterpret_cast<std::uint64_t>(gdt)};
    asm volatile("lgdt %0" : : "m"(pointer) : "memory");
    reload_segments();
    asm volatile("ltr %0" : : "r"(layout::kTssSelector));
    // No LDT: after a reset LDTR has a limit, and its base is 0, where a program may have pages.
    // [SDM 3A "IA-32 and Intel 64 Processor States Following Power-up, Reset, or INIT"]
    asm volatile("lldt %0" : : "r"(std::uint16_t{0}));

    per_cpu.self = reinterpret_cast<std::uint64_t>(&per_cpu);
    write_msr(arch::Msr::IA32_GS_BASE, per_cpu.self);
    write_msr(arch::Msr::IA32_KERNEL_GS_BASE, 0); // SWAPGS to ring 3 gives the user a null GS base
    set_kernel_stack(boot_stack_top());
}

void set_kernel_stack(arch::VirtAddr top)
{
    tss.rsp[0] = top.value;
    per_cpu.kernel_rsp = top.value;
}

arch::VirtAddr boot_stack_top()
{
    return static_stack_top(0);
}

} // namespace kernel
