// SPDX-License-Identifier: GPL-2.0-or-later
// The registers that a test can name, by the manual's names.  [SDM 1 "Basic Program Execution Registers"]
#pragma once

#include "model/cpu_state.h"

#include <array>
#include <cstdint>

namespace ringcheck::testing {

/// The general registers in encoding order, then the others.
enum class Register : std::uint8_t {
    Rax,
    Rcx,
    Rdx,
    Rbx,
    Rsp,
    Rbp,
    Rsi,
    Rdi,
    R8,
    R9,
    R10,
    R11,
    R12,
    R13,
    R14,
    R15,
    Rip,
    Rflags,
    Cs,
    Ss,
    FsBase,
    GsBase,
    KernelGsBase,
    Cr0,
    Cr3,
    Cr4,
};
inline constexpr std::size_t kRegisters = static_cast<std::size_t>(Register::Cr4) + 1;

inline constexpr Register rax = Register::Rax, rcx = Register::Rcx, rdx = Register::Rdx, rbx = Register::Rbx,
                          rsp = Register::Rsp, rbp = Register::Rbp, rsi = Register::Rsi, rdi = Register::Rdi,
                          r8 = Register::R8, r9 = Register::R9, r10 = Register::R10, r11 = Register::R11,
                          r12 = Register::R12, r13 = Register::R13, r14 = Register::R14, r15 = Register::R15,
                          rip = Register::Rip, rflags = Register::Rflags, cs = Register::Cs, ss = Register::Ss,
                          fs_base = Register::FsBase, gs_base = Register::GsBase,
                          kernel_gs_base = Register::KernelGsBase, cr0 = Register::Cr0, cr3 = Register::Cr3,
                          cr4 = Register::Cr4;

/// "rax", "gs_base"
const char* to_string(Register name);
std::uint64_t value_of(const model::CpuState& state, Register name);

} // namespace ringcheck::testing
