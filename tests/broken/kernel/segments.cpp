// SPDX-License-Identifier: MIT
// GDT, TSS and IDT.  [SDM 3A "Segment Descriptor Tables in IA-32e Mode", "64-Bit Mode IDT"]
#include "arch/exception.h"
#include "arch/idt_gate.h"
#include "arch/segment.h"
#include "arch/tss.h"
#include "kernel.h"
#include "mistake.h"
#include "numbers.h"

namespace {

struct [[gnu::packed]] TablePointer {
    std::uint16_t limit;
    std::uint64_t base;
};

/// What becomes of it without the attribute, with the padding by name.
struct LoosePointer {
    std::uint16_t limit;
    std::uint16_t padding[3];
    std::uint64_t base;
};

constexpr unsigned kGates = kMistake == Mistake::end_of_interrupt_missing ? TIMER_VECTOR + 1 : 32;
constexpr unsigned kTssSlot = TSS_SELECTOR / 8;

} // namespace

using arch::Ring;
using arch::SegmentDescriptor;

[[gnu::section(".data.fixed")]] std::uint64_t gdt[kTssSlot + 2] = {0,
                                                                   SegmentDescriptor::code(Ring::Kernel).raw(),
                                                                   SegmentDescriptor::data(Ring::Kernel).raw(),
                                                                   SegmentDescriptor::data(Ring::User).raw(),
                                                                   SegmentDescriptor::code(Ring::User).raw(),
                                                                   0,
                                                                   0};
[[gnu::section(".data.fixed")]] arch::Tss tss;
[[gnu::section(".data.fixed")]] arch::IdtGate idt[kGates];

void load_tables()
{
    tss.rsp[0] = kMistake == Mistake::rsp0_at_the_bottom ? address_of(kernel_stack)
                 : kMistake == Mistake::rsp0_not_written ? 0
                 : kMistake == Mistake::rsp0_not_mapped  ? UPPER_HALF + address_of(kernel_stack_top)
                                                         : address_of(kernel_stack_top);
    tss.io_map_base = sizeof tss;
    if constexpr (kMistake == Mistake::user_code_not_long) {
        gdt[(USER_CODE & ~7) / 8] ^= SegmentDescriptor::kLong | SegmentDescriptor::kDefaultSize;
    }
    constexpr std::uint32_t kTssLimit = kMistake == Mistake::tss_limit_too_small ? 7 : sizeof tss - 1;
    const auto descriptor = arch::TssDescriptor::available(address_of(&tss), kTssLimit);
    gdt[kTssSlot] = descriptor.low;
    gdt[kTssSlot + 1] =
        kMistake == Mistake::tss_descriptor_cut ? SegmentDescriptor::data(Ring::User).raw() : descriptor.high;

    constexpr std::uint16_t kGdtLimit = kMistake == Mistake::gdt_limit_too_short ? 3 * 8 - 1 : sizeof gdt - 1;
    const TablePointer gdt_pointer{kGdtLimit, address_of(gdt)};
    load_segments(&gdt_pointer);
    if constexpr (kMistake != Mistake::tss_not_loaded && kMistake != Mistake::gdt_limit_too_short) {
        asm volatile("ltr %0" ::"r"(static_cast<std::uint16_t>(TSS_SELECTOR)));
    }
    if constexpr (kMistake == Mistake::ltr_twice) {
        asm volatile("ltr %0" ::"r"(static_cast<std::uint16_t>(TSS_SELECTOR)));
    }

    constexpr std::uint16_t kGateCode = kMistake == Mistake::gate_names_data ? KERNEL_DATA : KERNEL_CODE;
    constexpr std::uint64_t kElsewhere = kMistake == Mistake::handler_not_mapped ? UPPER_HALF : 0;
    constexpr Ring kGateRing = kMistake == Mistake::gate_dpl_kernel ? Ring::Kernel : Ring::User;
    arch::IdtGate& breakpoint = idt[static_cast<unsigned>(arch::Vector::Breakpoint)];
    breakpoint = arch::IdtGate::interrupt(kElsewhere + address_of(reinterpret_cast<const void*>(breakpoint_entry)),
                                          kGateCode, 0, kGateRing);
    if constexpr (kMistake == Mistake::gate_not_present) {
        breakpoint.low ^= arch::IdtGate::kPresent;
    }
    if constexpr (kMistake == Mistake::gates_of_8_bytes) {
        reinterpret_cast<volatile std::uint64_t*>(idt)[static_cast<unsigned>(arch::Vector::Breakpoint)] =
            breakpoint.low;
        breakpoint = {};
    }
    if constexpr (kMistake == Mistake::program_reads_null || kMistake == Mistake::error_code_left ||
                  kMistake == Mistake::page_fault_unhandled) {
        idt[static_cast<unsigned>(arch::Vector::PageFault)] =
            arch::IdtGate::interrupt((kMistake == Mistake::page_fault_unhandled ? UPPER_HALF : 0) +
                                         address_of(reinterpret_cast<const void*>(page_fault_entry)),
                                     kGateCode, 0, Ring::Kernel);
    }
    if constexpr (kMistake == Mistake::end_of_interrupt_missing) {
        idt[TIMER_VECTOR] = arch::IdtGate::interrupt(address_of(reinterpret_cast<const void*>(timer_entry)), kGateCode,
                                                     0, Ring::Kernel);
    }
    constexpr std::uint16_t kIdtLimit = kMistake == Mistake::idt_limit_counts_gates ? kGates : sizeof idt - 1;
    if constexpr (kMistake == Mistake::idt_pointer_not_packed) {
        const LoosePointer loose{kIdtLimit, {}, address_of(idt)};
        asm volatile("lidt %0" ::"m"(loose));
    }
    const TablePointer idt_pointer{kIdtLimit, address_of(idt)};
    asm volatile("lidt %0" ::"m"(idt_pointer));
}
