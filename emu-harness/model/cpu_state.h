// SPDX-License-Identifier: GPL-2.0-or-later
// The architectural state that the model's functions take and return, whole, so that a test can compare all of it.
// It says nothing of Unicorn; engine/ translates between the two.
#pragma once

#include "arch/address.h"
#include "arch/debug_registers.h"
#include "arch/msr.h"
#include "arch/rflags.h"

#include <array>
#include <cstdint>

namespace ringcheck::model {

/// General-purpose registers in encoding order.  [SDM 2A "ModR/M and SIB Bytes", REX.B]
enum class Gpr : std::uint8_t { Rax, Rcx, Rdx, Rbx, Rsp, Rbp, Rsi, Rdi, R8, R9, R10, R11, R12, R13, R14, R15 };

/// A segment register: what software sees (selector) and what the CPU cached when it was loaded.
struct SegmentRegister {
    std::uint16_t selector = 0;
    std::uint64_t base = 0;
    std::uint32_t limit = 0;      ///< in bytes, granularity applied
    std::uint32_t attributes = 0; ///< bits 23:20 and 15:8 of the descriptor's upper half, in place; 0 = unusable

    constexpr bool operator==(const SegmentRegister&) const = default;
    constexpr unsigned dpl() const { return attributes >> 13 & 3; }
    constexpr bool present() const { return (attributes & 1u << 15) != 0; }
    constexpr bool long_code() const { return (attributes & 1u << 21) != 0; }
};

/// GDTR or IDTR.
struct TableRegister {
    std::uint64_t base = 0;
    std::uint16_t limit = 0;
    constexpr bool operator==(const TableRegister&) const = default;
};

/// Everything that a privilege transition reads or writes.
struct CpuState {
    std::array<std::uint64_t, 16> gpr{};
    std::uint64_t rip = 0;
    std::uint64_t rflags = arch::rflags::kAlwaysOne;
    std::uint8_t cpl = 0;
    SegmentRegister es, cs, ss, ds, fs, gs, ldtr, tr;
    TableRegister gdtr, idtr;
    std::uint64_t cr0 = 0, cr2 = 0, cr3 = 0, cr4 = 0, cr8 = 0;
    std::uint64_t efer = 0, star = 0, lstar = 0, cstar = 0, fmask = 0, kernel_gs_base = 0, tsc_aux = 0;
    std::uint64_t sysenter_cs = 0, sysenter_esp = 0, sysenter_eip = 0;
    std::uint64_t pat = arch::pat::kAfterReset;
    std::uint64_t misc_enable = arch::misc_enable::kAfterReset; ///< without the bit that tells of MONITOR
    std::uint64_t bios_sign_id = 0;                             ///< 0: no microcode update was loaded
    std::uint64_t xcr0 = 1;                                     ///< after reset
    std::uint32_t pkru = 0;
    std::uint64_t dr0 = 0, dr1 = 0, dr2 = 0, dr3 = 0, dr6 = arch::dr6::kAlwaysOne, dr7 = arch::dr7::kAlwaysOne;
    /// DR6 bits of debug traps that have happened and are not delivered yet.
    std::uint64_t pending_debug = 0;
    bool interrupt_shadow = false; ///< STI or MOV SS has just executed: no interrupt before the next instruction
    bool mov_ss_shadow = false;    ///< it was MOV SS or POP SS: NMIs and #DB wait as well
    bool nmi_blocked = false;      ///< an NMI was delivered and no IRET has executed since

    constexpr bool operator==(const CpuState&) const = default;
    constexpr std::uint64_t& operator[](Gpr reg) { return gpr[static_cast<unsigned>(reg)]; }
    constexpr std::uint64_t operator[](Gpr reg) const { return gpr[static_cast<unsigned>(reg)]; }
    /// 64-bit mode: long mode active and CS.L set.
    constexpr bool in_64_bit_mode() const { return (efer & 1u << 10) != 0 && cs.long_code(); }
};

} // namespace ringcheck::model
