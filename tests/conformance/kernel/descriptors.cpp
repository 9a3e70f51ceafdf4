// SPDX-License-Identifier: MIT
// GDT, LDT, IDT and TSS of the scenarios.  [SDM 3A "Segment Descriptors", "64-Bit Mode IDT", "TSS Descriptor in 64-bit
// mode"]
#include "arch/call_gate.h"
#include "landing.h"
#include "trap.h"
#include "world.h"
#include "world_parts.h"

namespace conformance::world {

using arch::Ring;
using arch::SegmentDescriptor;

std::uint64_t gdt[kGdtWords];
alignas(16) arch::IdtGate idt[256];
struct [[gnu::packed]] TaskState {
    arch::Tss tss;
    std::uint8_t io_bitmap[kIoBitmapPorts / 8 + 1];
};
static TaskState task_state;
arch::Tss& tss = task_state.tss;

namespace {

std::uint64_t ldt[2];
arch::Tss other_tss;

/// The operand of LGDT and LIDT.  [SDM 2A LGDT/LIDT]
struct [[gnu::packed]] TablePointer {
    std::uint16_t limit;
    std::uint64_t base;
};

std::uint64_t without(SegmentDescriptor descriptor, std::uint64_t bits)
{
    return descriptor.raw() & ~bits;
}

/// A code segment for compatibility mode: L clear, D set.
std::uint64_t compatibility_code(Ring ring)
{
    return without(SegmentDescriptor::code(ring), SegmentDescriptor::kLong) | SegmentDescriptor::kDefaultSize;
}

std::uint64_t ring1(SegmentDescriptor descriptor)
{
    return descriptor.raw() | SegmentDescriptor::kDpl.put(1);
}

void put_pair(std::uint16_t selector, std::uint64_t low, std::uint64_t high)
{
    gdt[selector / 8] = low;
    gdt[selector / 8 + 1] = high;
}

void put_system(std::uint16_t selector, std::uint64_t type, const void* base, std::uint32_t limit,
                std::uint64_t present)
{
    auto descriptor = arch::TssDescriptor::available(address_of(base), limit);
    constexpr std::uint64_t kReplaced = SegmentDescriptor::kType.mask() | SegmentDescriptor::kPresent;
    descriptor.low = (descriptor.low & ~kReplaced) | SegmentDescriptor::kType.put(type) | present;
    put_pair(selector, descriptor.low, descriptor.high);
}

void put_gate(std::uint16_t selector, Ring dpl, std::uint64_t present)
{
    const auto gate = arch::CallGate::to(landing::kernel(), selector::kKernelCode, dpl);
    put_pair(selector, (gate.low & ~SegmentDescriptor::kPresent) | present, gate.high);
}

void reset_gdt()
{
    namespace s = selector;
    constexpr std::uint64_t kPresent = SegmentDescriptor::kPresent, kAbsentBit = 0;
    constexpr std::uint64_t kWritableBit = SegmentDescriptor::kType.put(SegmentDescriptor::kTypeWritable);
    constexpr std::uint64_t kReadableBit = SegmentDescriptor::kType.put(SegmentDescriptor::kTypeReadable);
    constexpr std::uint64_t kConformingBit = SegmentDescriptor::kType.put(SegmentDescriptor::kTypeConforming);
    const auto kernel_code = SegmentDescriptor::code(Ring::Kernel), kernel_data = SegmentDescriptor::data(Ring::Kernel);
    const auto user_code = SegmentDescriptor::code(Ring::User), user_data = SegmentDescriptor::data(Ring::User);
    const auto put = [](std::uint16_t at, std::uint64_t word) { gdt[at / 8] = word; };
    put(0, 0);
    put(s::kKernelCode, kernel_code.raw());
    put(s::kKernelData, kernel_data.raw());
    put(s::kUserData, user_data.raw());
    put(s::kUserCode, user_code.raw());
    put(s::kAbsentKernelCode, without(kernel_code, kPresent));
    put(s::kAbsentKernelData, without(kernel_data, kPresent));
    put(s::kAbsentUserCode, without(user_code, kPresent));
    put(s::kAbsentUserData, without(user_data, kPresent));
    put(s::kReadOnlyUserData, without(user_data, kWritableBit));
    put(s::kUserCode32, compatibility_code(Ring::User));
    put(s::kKernelCode32, compatibility_code(Ring::Kernel));
    put(s::kConformingCode, kernel_code.raw() | kConformingBit);
    put(s::kExecuteOnlyCode, without(kernel_code, kReadableBit));
    put(s::kLongAndDefaultCode, user_code.raw() | SegmentDescriptor::kDefaultSize);
    put(s::kReadOnlyKernelData, without(kernel_data, kWritableBit));
    put(s::kRing1Code, ring1(kernel_code));
    put(s::kRing1Data, ring1(kernel_data));
    put_system(s::kTss, SegmentDescriptor::kTypeTssAvailable, &tss, sizeof tss - 1, kPresent);
    put_system(s::kOtherTss, SegmentDescriptor::kTypeTssAvailable, &other_tss, sizeof other_tss - 1, kPresent);
    put_system(s::kSpareTss, SegmentDescriptor::kTypeTssAvailable, &other_tss, sizeof other_tss - 1, kPresent);
    put_system(s::kAbsentTss, SegmentDescriptor::kTypeTssAvailable, &other_tss, sizeof other_tss - 1, kAbsentBit);
    put_system(s::kLdt, SegmentDescriptor::kTypeLdt, ldt, sizeof ldt - 1, kPresent);
    put_system(s::kAbsentLdt, SegmentDescriptor::kTypeLdt, ldt, sizeof ldt - 1, kAbsentBit);
    put_gate(s::kGate, Ring::User, kPresent);
    put_gate(s::kAbsentGate, Ring::User, kAbsentBit);
    put_gate(s::kKernelGate, Ring::Kernel, kPresent);
    ldt[0] = user_data.raw();
    ldt[1] = user_code.raw();
}

void reset_idt()
{
    for (unsigned vector = 0; vector != 256; ++vector) {
        const bool open = vector == kDone || vector == 3 || vector == 4;
        idt[vector] =
            arch::IdtGate::interrupt(trap_stubs[vector], selector::kKernelCode, 0, open ? Ring::User : Ring::Kernel);
    }
}

void reset_tss()
{
    tss = arch::Tss{};
    tss.rsp[0] = rsp0();
    for (unsigned index = 1; index <= 3; ++index) {
        tss.ist[index - 1] = ist(index);
    }
    // #DF must be deliverable whatever a scenario does to the other stacks.
    constexpr unsigned kDoubleFault = 8;
    idt[kDoubleFault] = arch::IdtGate::interrupt(trap_stubs[kDoubleFault], selector::kKernelCode, 1, Ring::Kernel);
    tss.io_map_base = sizeof tss; // beyond the limit: no port is allowed in ring 3
}

} // namespace

void reset_descriptors()
{
    reset_gdt();
    reset_idt();
    reset_tss();
    const TablePointer pointer{sizeof gdt - 1, address_of(gdt)};
    asm volatile("lgdt %0" : : "m"(pointer) : "memory");
    load_idt(sizeof idt - 1);
    asm volatile("ltr %0\n lldt %1" : : "r"(selector::kTss), "r"(selector::kLdt) : "memory");
}

void open_ports(unsigned first, unsigned count)
{
    for (std::uint8_t& byte : task_state.io_bitmap) {
        byte = 0xff;
    }
    for (unsigned port = first; port != first + count; ++port) {
        std::uint8_t& byte = task_state.io_bitmap[port / 8];
        byte = static_cast<std::uint8_t>(byte & ~(1u << port % 8));
    }
    tss.io_map_base = sizeof tss;
    set_tss_limit(sizeof task_state - 1);
}

void set_tss_limit(std::uint32_t limit)
{
    put_system(selector::kTss, SegmentDescriptor::kTypeTssAvailable, &tss, limit, SegmentDescriptor::kPresent);
    asm volatile("ltr %0" : : "r"(selector::kTss) : "memory");
}

void load_idt(std::uint16_t limit)
{
    const TablePointer pointer{limit, address_of(idt)};
    asm volatile("lidt %0" : : "m"(pointer) : "memory");
}

} // namespace conformance::world
