// SPDX-License-Identifier: MIT
#include "cpu/user_state.h"

#include "arch/debug_registers.h"
#include "arch/msr.h"
#include "cpu/registers.h"

namespace kernel {
namespace {

constexpr unsigned kControlWordOffset = 0, kMxcsrOffset = 24;
constexpr std::uint16_t kDefaultControlWord = 0x37f;
constexpr std::uint32_t kDefaultMxcsr = 0x1f80;

/// Loads GS without losing the kernel's GS base: the base that the load changes is the user's.  IF = 0.
void load_user_gs(std::uint16_t selector)
{
    asm volatile("swapgs; mov %0, %%gs; swapgs" : : "r"(selector));
}

} // namespace

UserState UserState::initial()
{
    UserState state{};
    __builtin_memcpy(state.fxsave + kControlWordOffset, &kDefaultControlWord, sizeof kDefaultControlWord);
    __builtin_memcpy(state.fxsave + kMxcsrOffset, &kDefaultMxcsr, sizeof kDefaultMxcsr);
    return state;
}

void UserState::save()
{
    asm volatile("fxsave64 %0" : "=m"(fxsave));
    asm volatile("mov %%ds, %0" : "=r"(ds));
    asm volatile("mov %%es, %0" : "=r"(es));
    asm volatile("mov %%fs, %0" : "=r"(fs));
    asm volatile("mov %%gs, %0" : "=r"(gs));
    fs_base = read_msr(arch::Msr::IA32_FS_BASE);
    gs_base = read_msr(arch::Msr::IA32_KERNEL_GS_BASE);
}

void UserState::load() const
{
    asm volatile("fxrstor64 %0" : : "m"(fxsave));
    // Selectors first: loading FS or GS overwrites its base.
    asm volatile("mov %0, %%ds" : : "r"(ds));
    asm volatile("mov %0, %%es" : : "r"(es));
    asm volatile("mov %0, %%fs" : : "r"(fs));
    load_user_gs(gs);
    write_msr(arch::Msr::IA32_FS_BASE, fs_base);
    write_msr(arch::Msr::IA32_KERNEL_GS_BASE, gs_base);
    write_dr7(arch::dr7::kAlwaysOne);
}

} // namespace kernel
