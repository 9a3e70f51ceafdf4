// SPDX-License-Identifier: MIT
#include "cpu/user_state.h"

#include "arch/debug_registers.h"
#include "arch/msr.h"
#include "cpu/registers.h"
#include "layout/selectors.h"

namespace kernel {
namespace {

/// Loads GS without losing the kernel's GS base: the base that the load changes is the user's.  IF = 0.
void load_user_gs(std::uint16_t selector)
{
    asm volatile("swapgs; mov %0, %%gs; swapgs" : : "r"(selector));
}

} // namespace

UserState UserState::initial()
{
    UserState state{};
    state.floats = FloatState::initial();
    return state;
}

void UserState::save()
{
    floats.save();
    asm volatile("mov %%ds, %0" : "=r"(ds));
    asm volatile("mov %%es, %0" : "=r"(es));
    asm volatile("mov %%fs, %0" : "=r"(fs));
    asm volatile("mov %%gs, %0" : "=r"(gs));
    fs_base = read_msr(arch::Msr::IA32_FS_BASE);
    gs_base = read_msr(arch::Msr::IA32_KERNEL_GS_BASE);
}

void UserState::load() const
{
    floats.load();
    // An interrupt of the other thread has made SS null.  AMD's SYSRET gives back RPL and selector only, so that this
    // thread would get what SS holds beside them.  [APM 3 SYSRET]
    asm volatile("mov %0, %%ss" : : "r"(std::uint32_t{layout::kKernelData}));
    // Selectors first: loading FS or GS overwrites its base.
    asm volatile("mov %0, %%ds" : : "r"(ds));
    asm volatile("mov %0, %%es" : : "r"(es));
    asm volatile("mov %0, %%fs" : : "r"(fs));
    load_user_gs(gs);
    write_msr(arch::Msr::IA32_FS_BASE, fs_base);
    write_msr(arch::Msr::IA32_KERNEL_GS_BASE, gs_base);
    write_dr7(arch::dr7::kAlwaysOne);
}

arch::VirtAddr user_fs_base()
{
    return arch::VirtAddr{read_msr(arch::Msr::IA32_FS_BASE)};
}

arch::VirtAddr user_gs_base()
{
    return arch::VirtAddr{read_msr(arch::Msr::IA32_KERNEL_GS_BASE)};
}

void set_user_fs_base(arch::VirtAddr base)
{
    asm volatile("mov %0, %%fs" : : "r"(0));
    write_msr(arch::Msr::IA32_FS_BASE, base.value);
}

void set_user_gs_base(arch::VirtAddr base)
{
    load_user_gs(0);
    write_msr(arch::Msr::IA32_KERNEL_GS_BASE, base.value);
}

} // namespace kernel
