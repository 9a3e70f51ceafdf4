// SPDX-License-Identifier: MIT
#include "cpu/idt.h"

#include "arch/exception.h"
#include "arch/idt_gate.h"
#include "base/sealed.h"
#include "cpu/table_pointer.h"
#include "layout/address_map.h"
#include "layout/selectors.h"

extern "C" const std::uint64_t exception_stubs[arch::kVectors];

namespace kernel {
namespace {

SEALED arch::IdtGate idt[arch::kVectors];

/// The stack of `vector`: 0 the running thread's, else an IST stack for what may come between two instructions of an
/// entry, or when the stack itself is the fault.
constexpr unsigned ist_index(unsigned vector)
{
    switch (static_cast<arch::Vector>(vector)) {
    case arch::Vector::Debug: return layout::kIstDebug;
    case arch::Vector::Nmi: return layout::kIstNmi;
    case arch::Vector::DoubleFault: return layout::kIstDoubleFault;
    case arch::Vector::MachineCheck: return layout::kIstMachineCheck;
    default: return 0;
    }
}

/// INT3 and INTO are the only software interrupts that ring 3 may use.
constexpr arch::Ring gate_dpl(unsigned vector)
{
    const bool open = vector == static_cast<unsigned>(arch::Vector::Breakpoint) ||
                      vector == static_cast<unsigned>(arch::Vector::Overflow);
    return open ? arch::Ring::User : arch::Ring::Kernel;
}

} // namespace

void load_idt()
{
    for (unsigned vector = 0; vector < arch::kVectors; ++vector) {
        idt[vector] =
            arch::IdtGate::interrupt(exception_stubs[vector], layout::kKernelCode, ist_index(vector), gate_dpl(vector));
    }
    const TablePointer pointer{sizeof idt - 1, reinterpret_cast<std::uint64_t>(idt)};
    asm volatile("lidt %0" : : "m"(pointer) : "memory");
}

} // namespace kernel
