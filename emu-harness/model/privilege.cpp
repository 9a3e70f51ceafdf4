// SPDX-License-Identifier: GPL-2.0-or-later
#include "model/privilege.h"

#include "arch/control_registers.h"

namespace ringcheck::model {

namespace {

Reason broken_rule(const CpuState& state, PrivilegeRule rule)
{
    const bool ring_0 = state.cpl == 0;
    switch (rule) {
    case PrivilegeRule::Ring0: return ring_0 ? Reason::None : Reason::InstructionNotRing0;
    case PrivilegeRule::Iopl:
        return state.cpl <= arch::rflags::kIopl.get(state.rflags) ? Reason::None : Reason::InstructionIopl;
    case PrivilegeRule::Umip:
        return ring_0 || (state.cr4 & arch::cr4::kUserModeInstructionPrevention) == 0 ? Reason::None
                                                                                      : Reason::InstructionUmip;
    case PrivilegeRule::Tsd:
        return ring_0 || (state.cr4 & arch::cr4::kTimeStampDisable) == 0 ? Reason::None : Reason::InstructionTsd;
    case PrivilegeRule::Pce:
        return ring_0 || (state.cr4 & arch::cr4::kPerformanceCounterEnable) != 0 ? Reason::None
                                                                                 : Reason::InstructionPce;
    }
    __builtin_unreachable();
}

} // namespace

std::expected<void, Fault> check_privilege(const CpuState& state, PrivilegeRule rule)
{
    const Reason reason = broken_rule(state, rule);
    if (reason != Reason::None) {
        return std::unexpected(raise(arch::Vector::GeneralProtection, reason, 0));
    }
    return {};
}

} // namespace ringcheck::model
