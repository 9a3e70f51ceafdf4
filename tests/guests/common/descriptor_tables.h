// SPDX-License-Identifier: MIT
// GDT, TSS and IDT of a kernel with one CPU.  Selectors: kernel code 0x08, kernel data 0x10, user data 0x1b, user code
// 0x23 (the order that SYSRET wants), TSS 0x28.  [SDM 3A "Segment Descriptors", "64-Bit Mode Task-State Segment"]
#pragma once

#include <cstdint>

inline constexpr std::uint16_t kKernelCode = 0x08, kKernelData = 0x10, kUserData = 0x1b, kUserCode = 0x23,
                               kTaskState = 0x28;

struct [[gnu::packed]] TaskStateSegment {
    std::uint32_t reserved0;
    std::uint64_t rsp0, rsp1, rsp2;
    std::uint64_t reserved1;
    std::uint64_t ist[7];
    std::uint64_t reserved2;
    std::uint16_t reserved3;
    std::uint16_t io_map_base;
};
static_assert(sizeof(TaskStateSegment) == 104);

extern "C" {
extern TaskStateSegment task_state_segment;
}

/// Loads GDT, TSS and an empty IDT.
void load_descriptor_tables();
/// @param ring  the outermost ring whose INT may use the gate
/// @param ist   0: the running stack, or TSS.RSP0's when the ring changes
void set_gate(unsigned vector, void (*entry)(), unsigned ring, unsigned ist);
