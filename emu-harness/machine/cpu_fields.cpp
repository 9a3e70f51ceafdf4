// SPDX-License-Identifier: GPL-2.0-or-later
#include "machine/cpu_fields.h"

#include "arch/control_registers.h"
#include "arch/rflags.h"

namespace ringcheck {

bool possible(const model::CpuState& state)
{
    namespace cr0 = arch::cr0;
    namespace efer = arch::efer;
    constexpr std::uint8_t kLowestPrivilege = 3;
    constexpr std::uint64_t kHighestPriority = 15;
    constexpr std::uint64_t kEfer =
        efer::kSyscallEnable | efer::kLongModeEnable | efer::kLongModeActive | efer::kNoExecuteEnable;
    const bool paging = (state.cr0 & cr0::kPaging) != 0, is_protected = (state.cr0 & cr0::kProtectionEnable) != 0;
    const bool long_mode = (state.efer & efer::kLongModeActive) != 0;
    return state.cpl <= kLowestPrivilege && state.cr8 <= kHighestPriority && state.cr0 >> 32 == 0 &&
           state.cr4 >> 32 == 0 && (state.efer & ~kEfer) == 0 && (is_protected || !paging) &&
           long_mode == (paging && (state.efer & efer::kLongModeEnable) != 0) &&
           (state.rflags & ~(arch::rflags::kDefined | arch::rflags::kAlwaysOne)) == 0 &&
           (state.rflags & arch::rflags::kAlwaysOne) != 0 && (state.rflags & arch::rflags::kVirtual8086) == 0;
}

} // namespace ringcheck
