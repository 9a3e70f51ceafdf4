// SPDX-License-Identifier: MIT
// Host program: prints the numbers that assembly needs, taken from the C++ types themselves.
// A .S file owns no number but shifts and alignments.

#include "arch/control_registers.h"
#include "arch/cpuid.h"
#include "arch/debug_registers.h"
#include "arch/exception.h"
#include "arch/msr.h"
#include "arch/multiboot2.h"
#include "arch/paging.h"
#include "arch/pvh.h"
#include "arch/rflags.h"
#include "arch/segment.h"
#include "arch/uart16550.h"
#include "layout/address_map.h"
#include "layout/per_cpu.h"
#include "layout/selectors.h"
#include "layout/trap_frame.h"

#include <cstdio>

namespace {

void define(const char* name, std::uint64_t value)
{
    std::printf("#define %s 0x%llx\n", name, static_cast<unsigned long long>(value));
}

constexpr std::uint64_t vector_bit(arch::Vector vector)
{
    return std::uint64_t{1} << static_cast<unsigned>(vector);
}

/// The exceptions for which the CPU pushes an error code, one bit each.
constexpr std::uint64_t vectors_with_error_code()
{
    std::uint64_t mask = 0;
    for (unsigned vector = 0; vector < arch::kExceptionVectors; ++vector) {
        mask |= std::uint64_t{arch::pushes_error_code(vector)} << vector;
    }
    return mask;
}

} // namespace

int main()
{
    using arch::PageEntry;
    using layout::PerCpu;
    using layout::TrapFrame;

    std::printf("// Made by asm_offsets_gen.\n#pragma once\n");

    define("FRAME_R10", offsetof(TrapFrame, r10));
    define("FRAME_R9", offsetof(TrapFrame, r9));
    define("FRAME_R8", offsetof(TrapFrame, r8));
    define("FRAME_RBP", offsetof(TrapFrame, rbp));
    define("FRAME_RDI", offsetof(TrapFrame, rdi));
    define("FRAME_RSI", offsetof(TrapFrame, rsi));
    define("FRAME_RDX", offsetof(TrapFrame, rdx));
    define("FRAME_RAX", offsetof(TrapFrame, rax));
    define("FRAME_VECTOR", offsetof(TrapFrame, vector));
    define("FRAME_RIP", offsetof(TrapFrame, rip));
    define("FRAME_CS", offsetof(TrapFrame, cs));
    define("FRAME_RFLAGS", offsetof(TrapFrame, rflags));
    define("FRAME_RSP", offsetof(TrapFrame, rsp));
    define("FRAME_SIZE", sizeof(TrapFrame));
    define("FRAME_WORDS", sizeof(TrapFrame) / 8);
    // After the general registers are popped, what is left of the frame starts with `vector`.
    define("REST_RIP", offsetof(TrapFrame, rip) - offsetof(TrapFrame, vector));
    define("SYSCALL_VECTOR", layout::kSyscallVector);

    define("PER_CPU_KERNEL_RSP", offsetof(PerCpu, kernel_rsp));
    define("PER_CPU_USER_RSP", offsetof(PerCpu, user_rsp));
    define("PER_CPU_CURRENT_THREAD", offsetof(PerCpu, current_thread));
    define("THREAD_RETURN_WORK", layout::kReturnWorkInThread);

    define("KERNEL_CODE_SELECTOR", layout::kKernelCode);
    define("KERNEL_DATA_SELECTOR", layout::kKernelData);
    define("USER_CODE_SELECTOR", layout::kUserCode);
    define("USER_DATA_SELECTOR", layout::kUserData);

    define("BOOT_CODE_DESCRIPTOR", arch::SegmentDescriptor::code(arch::Ring::Kernel).raw());

    define("USER_CANONICAL_END", layout::kUserCanonicalEnd.value);
    define("KERNEL_IMAGE", layout::kKernelImage.value);
    define("KERNEL_STACK_SIZE", layout::kKernelStackSize);
    define("KERNEL_STACK_STRIDE", layout::kKernelStackStride);

    define("IST_COUNT", layout::kIstCount);
    define("FIRST_KERNEL_TOP_ENTRY", layout::kFirstKernelTopEntry);
    define("KERNEL_TOP_ENTRIES", layout::kKernelTopEntries);
    define("IMAGE_PDPT_INDEX", arch::table_index(layout::kKernelImage.value, 4) - layout::kFirstKernelTopEntry);
    define("IMAGE_PD_SLOT", arch::table_index(layout::kKernelImage.value, 3));
    define("PHYSICAL_MAP_PDPT_INDEX", arch::table_index(layout::kPhysicalMap.value, 4) - layout::kFirstKernelTopEntry);
    define("LARGE_PAGE_SIZE", arch::leaf_size(2));

    define("PAGE_SIZE", arch::kPageSize);
    define("TABLE_ENTRIES", arch::kTableEntries);
    define("ENTRY_PRESENT", PageEntry::kPresent);
    define("ENTRY_TABLE", PageEntry::kPresent | PageEntry::kWritable);
    define("ENTRY_WRITABLE", PageEntry::kPresent | PageEntry::kWritable);
    define("ENTRY_LARGE_WRITABLE", PageEntry::kPresent | PageEntry::kWritable | PageEntry::kPageSize);
    define("ENTRY_GLOBAL", PageEntry::kGlobal);
    define("ENTRY_NO_EXECUTE_HIGH", PageEntry::kNoExecute >> 32);

    define("CR0_BOOT", arch::cr0::kProtectionEnable | arch::cr0::kMonitorCoprocessor | arch::cr0::kExtensionType |
                           arch::cr0::kNumericError | arch::cr0::kWriteProtect | arch::cr0::kAlignmentMask |
                           arch::cr0::kPaging);
    define("CR4_BOOT", arch::cr4::kPhysicalAddressExtension);
    define("EFER_BOOT", arch::efer::kSyscallEnable | arch::efer::kLongModeEnable | arch::efer::kNoExecuteEnable);
    define("MSR_EFER", static_cast<std::uint64_t>(arch::Msr::IA32_EFER));
    define("MSR_GS_BASE", static_cast<std::uint64_t>(arch::Msr::IA32_GS_BASE));
    define("RFLAGS_TRAP_OR_RESUME", arch::rflags::kTrap | arch::rflags::kResume);
    define("RFLAGS_ALIGNMENT_CHECK", arch::rflags::kAlignmentCheck);

    define("DR7_NO_BREAKPOINT", arch::dr7::kAlwaysOne);

    define("CPUID_EXTENDED_MAXIMUM", arch::cpuid::leaf::kExtendedMaximum);
    define("CPUID_EXTENDED_FEATURES", arch::cpuid::leaf::kExtendedFeatures);
    define("CPUID_LONG_MODE_AND_NX", arch::cpuid::kLongModeEdx | arch::cpuid::kNoExecuteEdx);

    define("PVH_NOTE_TYPE", arch::pvh::kNotePhysicalEntry);
    define("PVH_START_MAGIC", arch::pvh::kStartMagic);
    define("MULTIBOOT2_HEADER_MAGIC", arch::multiboot2::kHeaderMagic);
    define("MULTIBOOT2_ARCHITECTURE", arch::multiboot2::kArchitectureI386);
    define("MULTIBOOT2_TAG_ENTRY", arch::multiboot2::kHeaderTagEntryAddress);
    define("MULTIBOOT2_TAG_MODULE_ALIGNMENT", arch::multiboot2::kHeaderTagModuleAlignment);

    define("COM1_DATA", arch::uart16550::kCom1 + arch::uart16550::kData);
    define("VECTORS", arch::kVectors);
    define("VECTOR_DEBUG", static_cast<std::uint64_t>(arch::Vector::Debug));
    define("EXCEPTIONS_WITH_ERROR_CODE", vectors_with_error_code());
    define("EXCEPTIONS_ON_IST", vector_bit(arch::Vector::Debug) | vector_bit(arch::Vector::Nmi) |
                                    vector_bit(arch::Vector::DoubleFault) | vector_bit(arch::Vector::MachineCheck));
    return 0;
}
