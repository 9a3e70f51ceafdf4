// SPDX-License-Identifier: MIT
#include "world.h"

#include "arch/control_registers.h"
#include "arch/debug_registers.h"
#include "arch/rflags.h"
#include "cpu/registers.h"
#include "trap.h"
#include "world_parts.h"

extern "C" arch::PageEntry boot_pml4[arch::kTableEntries];

namespace conformance::world {
namespace {

alignas(arch::kPageSize) std::uint8_t stacks[5][kStackBytes];

std::uint64_t top_of(const std::uint8_t (&stack)[kStackBytes])
{
    return address_of(stack) + kStackBytes;
}

void reset_controls()
{
    namespace cr0 = arch::cr0;
    namespace cr4 = arch::cr4;
    namespace efer = arch::efer;
    asm volatile("mov %0, %%cr0"
                 :
                 : "r"(cr0::kProtectionEnable | cr0::kMonitorCoprocessor | cr0::kExtensionType | cr0::kNumericError |
                       cr0::kWriteProtect | cr0::kPaging));
    kernel::write_cr4(cr4::kPhysicalAddressExtension | cr4::kOsFxsr | cr4::kFsGsBase | cr4::kDebuggingExtensions);
    kernel::write_msr(arch::Msr::IA32_EFER, efer::kSyscallEnable | efer::kLongModeEnable | efer::kNoExecuteEnable);
    kernel::write_cr3(arch::PhysAddr{address_of(boot_pml4)});
    kernel::write_msr(arch::Msr::IA32_STAR, arch::star::kSyscallBase.put(selector::kKernelCode) |
                                                arch::star::kSysretBase.put(selector::kKernelData | 3));
    kernel::write_msr(arch::Msr::IA32_LSTAR, reinterpret_cast<std::uint64_t>(&syscall_stub));
    kernel::write_msr(arch::Msr::IA32_FMASK, arch::rflags::kTrap | arch::rflags::kInterrupt | arch::rflags::kDirection);
}

/// No exception is pending in the x87 FPU, and each is masked there and in MXCSR.
void reset_floating_point()
{
    constexpr std::uint32_t kAllMasked = 0x1f80;
    asm volatile("fninit\n ldmxcsr %0" : : "m"(kAllMasked));
}

void reset_segments_and_debugging()
{
    asm volatile("mov %0, %%ds\n mov %0, %%es\n mov %0, %%fs\n mov %0, %%gs" : : "r"(std::uint32_t{0}));
    asm volatile("mov %0, %%ss" : : "r"(std::uint32_t{selector::kKernelData}));
    kernel::write_msr(arch::Msr::IA32_FS_BASE, 0);
    kernel::write_msr(arch::Msr::IA32_GS_BASE, 0);
    kernel::write_msr(arch::Msr::IA32_KERNEL_GS_BASE, 0);
    kernel::write_dr7(arch::dr7::kAlwaysOne);
    kernel::write_dr6(arch::dr6::kAlwaysOne);
}

} // namespace

std::uint64_t kernel_stack()
{
    return top_of(stacks[0]);
}

std::uint64_t rsp0()
{
    return top_of(stacks[1]);
}

std::uint64_t ist(unsigned index)
{
    return top_of(stacks[1 + index]);
}

void initialise()
{
    hang_page_tables();
}

void reset()
{
    reset_pages();
    reset_controls();
    reset_floating_point();
    reset_descriptors();
    reset_segments_and_debugging();
}

} // namespace conformance::world
