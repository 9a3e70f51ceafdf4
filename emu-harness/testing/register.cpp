// SPDX-License-Identifier: GPL-2.0-or-later
#include "testing/register.h"

namespace ringcheck::testing {

const char* to_string(Register name)
{
    static constexpr std::array<const char*, kRegisters> kNames{"rax",
                                                                "rcx",
                                                                "rdx",
                                                                "rbx",
                                                                "rsp",
                                                                "rbp",
                                                                "rsi",
                                                                "rdi",
                                                                "r8",
                                                                "r9",
                                                                "r10",
                                                                "r11",
                                                                "r12",
                                                                "r13",
                                                                "r14",
                                                                "r15",
                                                                "rip",
                                                                "rflags",
                                                                "cs",
                                                                "ss",
                                                                "fs_base",
                                                                "gs_base",
                                                                "kernel_gs_base",
                                                                "cr0",
                                                                "cr3",
                                                                "cr4"};
    return kNames[static_cast<std::size_t>(name)];
}

std::uint64_t value_of(const model::CpuState& state, Register name)
{
    switch (name) {
    case Register::Rip: return state.rip;
    case Register::Rflags: return state.rflags;
    case Register::Cs: return state.cs.selector;
    case Register::Ss: return state.ss.selector;
    case Register::FsBase: return state.fs.base;
    case Register::GsBase: return state.gs.base;
    case Register::KernelGsBase: return state.kernel_gs_base;
    case Register::Cr0: return state.cr0;
    case Register::Cr3: return state.cr3;
    case Register::Cr4: return state.cr4;
    default: return state.gpr[static_cast<std::size_t>(name)];
    }
}

} // namespace ringcheck::testing
