// SPDX-License-Identifier: MIT
// Control registers, MSRs and the few single instructions that C++ has no word for.
#pragma once

#include "arch/address.h"
#include "arch/debug_registers.h"
#include "arch/msr.h"

#include <cstdint>

namespace kernel {

inline std::uint64_t read_cr0()
{
    std::uint64_t value = 0;
    asm volatile("mov %%cr0, %0" : "=r"(value));
    return value;
}

/// The address of the last #PF.
inline std::uint64_t read_cr2()
{
    std::uint64_t value = 0;
    asm volatile("mov %%cr2, %0" : "=r"(value));
    return value;
}

inline std::uint64_t read_cr3()
{
    std::uint64_t value = 0;
    asm volatile("mov %%cr3, %0" : "=r"(value));
    return value;
}

/// Switches the address space; `table` is the physical address of a PML4.
inline void write_cr3(arch::PhysAddr table)
{
    asm volatile("mov %0, %%cr3" : : "r"(table.value) : "memory");
}

inline std::uint64_t read_cr4()
{
    std::uint64_t value = 0;
    asm volatile("mov %%cr4, %0" : "=r"(value));
    return value;
}

inline void write_cr4(std::uint64_t value)
{
    asm volatile("mov %0, %%cr4" : : "r"(value) : "memory");
}

inline std::uint64_t read_msr(arch::Msr msr)
{
    std::uint32_t low = 0;
    std::uint32_t high = 0;
    asm volatile("rdmsr" : "=a"(low), "=d"(high) : "c"(static_cast<std::uint32_t>(msr)));
    return std::uint64_t{high} << 32 | low;
}

inline void write_msr(arch::Msr msr, std::uint64_t value)
{
    asm volatile("wrmsr"
                 :
                 : "c"(static_cast<std::uint32_t>(msr)), "a"(static_cast<std::uint32_t>(value)),
                   "d"(static_cast<std::uint32_t>(value >> 32))
                 : "memory");
}

/// CR4.OSXSAVE is set.  [SDM 2B XSETBV]
inline void write_xcr0(std::uint32_t components)
{
    asm volatile("xsetbv" : : "c"(0), "a"(components), "d"(0));
}

inline std::uint64_t read_rflags()
{
    std::uint64_t value = 0;
    asm volatile("pushfq; pop %0" : "=r"(value) : : "memory");
    return value;
}

inline std::uint64_t read_dr6()
{
    std::uint64_t value = 0;
    asm volatile("mov %%dr6, %0" : "=r"(value));
    return value;
}

inline void write_dr6(std::uint64_t value)
{
    asm volatile("mov %0, %%dr6" : : "r"(value));
}

inline void write_dr7(std::uint64_t value)
{
    asm volatile("mov %0, %%dr7" : : "r"(value));
}

/// No breakpoint, and no event of an earlier one.
inline void clear_debug_registers()
{
    asm volatile("mov %0, %%dr7; mov %1, %%dr0; mov %1, %%dr1; mov %1, %%dr2; mov %1, %%dr3; mov %2, %%dr6"
                 :
                 : "r"(arch::dr7::kAlwaysOne), "r"(std::uint64_t{0}), "r"(arch::dr6::kAlwaysOne));
}

/// [SDM 2A FNSTSW, FNSTCW, SDM 2B STMXCSR]
inline std::uint32_t read_x87_status()
{
    std::uint16_t value = 0;
    asm volatile("fnstsw %0" : "=m"(value));
    return value;
}

inline std::uint32_t read_x87_control()
{
    std::uint16_t value = 0;
    asm volatile("fnstcw %0" : "=m"(value));
    return value;
}

inline std::uint32_t read_mxcsr()
{
    std::uint32_t value = 0;
    asm volatile("stmxcsr %0" : "=m"(value));
    return value;
}

inline std::uint64_t read_time_stamp()
{
    std::uint32_t low = 0;
    std::uint32_t high = 0;
    asm volatile("rdtsc" : "=a"(low), "=d"(high));
    return std::uint64_t{high} << 32 | low;
}

/// Waits for an interrupt.  STI's shadow makes sure that none is taken between STI and HLT.  [SDM 2B STI]
inline void enable_interrupts_and_halt()
{
    asm volatile("sti; hlt; cli" : : : "memory");
}

[[noreturn]] inline void halt_for_ever()
{
    for (;;) {
        asm volatile("cli; hlt" : : : "memory");
    }
}

} // namespace kernel
