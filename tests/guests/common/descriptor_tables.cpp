// SPDX-License-Identifier: MIT
#include "guests/common/descriptor_tables.h"

extern "C" {
alignas(16) TaskStateSegment task_state_segment;
alignas(16) std::uint64_t global_descriptor_table[7];
}

namespace {

struct Gate {
    std::uint64_t low, high;
};
alignas(16) Gate interrupt_descriptor_table[256];

struct [[gnu::packed]] TablePointer {
    std::uint16_t limit;
    std::uint64_t base;
};

constexpr std::uint64_t kFlatKernelCode = 0x00af'9a00'0000'ffff, kFlatKernelData = 0x00cf'9200'0000'ffff,
                        kFlatUserData = 0x00cf'f200'0000'ffff, kFlatUserCode = 0x00af'fa00'0000'ffff,
                        kAvailableTaskState = 0x0000'8900'0000'0000;

} // namespace

void load_descriptor_tables()
{
    const auto base = reinterpret_cast<std::uint64_t>(&task_state_segment);
    task_state_segment.io_map_base = sizeof(TaskStateSegment); // no map: ring 3 has no port
    std::uint64_t* const gdt = global_descriptor_table;
    gdt[kKernelCode / 8] = kFlatKernelCode;
    gdt[kKernelData / 8] = kFlatKernelData;
    gdt[kUserData / 8] = kFlatUserData;
    gdt[kUserCode / 8] = kFlatUserCode;
    gdt[kTaskState / 8] =
        kAvailableTaskState | (sizeof(TaskStateSegment) - 1) | (base & 0xff'ffff) << 16 | (base >> 24 & 0xff) << 56;
    gdt[kTaskState / 8 + 1] = base >> 32;
    const TablePointer gdtr{sizeof global_descriptor_table - 1, reinterpret_cast<std::uint64_t>(gdt)};
    const TablePointer idtr{sizeof interrupt_descriptor_table - 1,
                            reinterpret_cast<std::uint64_t>(interrupt_descriptor_table)};
    asm volatile("lgdt %0\n\t"
                 "lidt %1\n\t"
                 "pushq %2\n\t"
                 "leaq 1f(%%rip), %%rax\n\t"
                 "pushq %%rax\n\t"
                 "lretq\n"
                 "1:\n\t"
                 "movl %3, %%eax\n\t"
                 "movl %%eax, %%ss\n\t"
                 "xorl %%eax, %%eax\n\t"
                 "movl %%eax, %%ds\n\t"
                 "movl %%eax, %%es\n\t"
                 "movl %%eax, %%fs\n\t"
                 "movl %%eax, %%gs\n\t"
                 "ltr %w4" ::"m"(gdtr),
                 "m"(idtr), "i"(kKernelCode), "i"(kKernelData), "r"(kTaskState)
                 : "rax", "memory");
}

void set_gate(unsigned vector, void (*entry)(), unsigned ring, unsigned ist)
{
    constexpr std::uint64_t kInterruptGate = 0x8e00'0000'0000;
    const auto address = reinterpret_cast<std::uint64_t>(entry);
    interrupt_descriptor_table[vector] = {(address & 0xffff) | std::uint64_t{kKernelCode} << 16 |
                                              std::uint64_t{ist} << 32 | kInterruptGate | std::uint64_t{ring} << 45 |
                                              (address >> 16 & 0xffff) << 48,
                                          address >> 32};
}
