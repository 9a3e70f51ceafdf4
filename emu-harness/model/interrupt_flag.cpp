// SPDX-License-Identifier: GPL-2.0-or-later
#include "model/interrupt_flag.h"

#include "arch/control_registers.h"

namespace ringcheck::model {

namespace {

namespace rflags = arch::rflags;

/// Which flag the instruction changes for this program.
enum class Flag : std::uint8_t { Real, Virtual };

std::expected<Flag, Fault> flag_to_change(const CpuState& state)
{
    if (state.cpl <= rflags::kIopl.get(state.rflags)) {
        return Flag::Real;
    }
    if (state.cpl == 3 && (state.cr4 & arch::cr4::kProtectedModeVirtualInterrupts) != 0) {
        return Flag::Virtual;
    }
    return std::unexpected(raise(arch::Vector::GeneralProtection, Reason::InstructionIopl, 0));
}

/// Ends the shadow that the instruction began with.
CpuState past_shadow(CpuState state)
{
    state.interrupt_shadow = false;
    state.mov_ss_shadow = false;
    return state;
}

} // namespace

std::expected<CpuState, Fault> cli(CpuState state)
{
    const auto flag = flag_to_change(state);
    if (!flag) {
        return std::unexpected(flag.error());
    }
    state.rflags &= ~(*flag == Flag::Real ? rflags::kInterrupt : rflags::kVirtualInterrupt);
    return past_shadow(state);
}

std::expected<CpuState, Fault> sti(CpuState state)
{
    const auto flag = flag_to_change(state);
    if (!flag) {
        return std::unexpected(flag.error());
    }
    CpuState after = past_shadow(state);
    if (*flag == Flag::Virtual) {
        if ((state.rflags & rflags::kVirtualInterruptPending) != 0) {
            return std::unexpected(raise(arch::Vector::GeneralProtection, Reason::InterruptFlagVip, 0));
        }
        after.rflags |= rflags::kVirtualInterrupt;
        return after;
    }
    after.interrupt_shadow = (state.rflags & rflags::kInterrupt) == 0;
    after.rflags |= rflags::kInterrupt;
    return after;
}

CpuState pop_flags(CpuState state, std::uint64_t image, OperandSize size)
{
    using namespace rflags;
    std::uint64_t taken = kArithmetic | kTrap | kDirection | kNestedTask | kAlignmentCheck | kIdentification;
    if (state.cpl <= kIopl.get(state.rflags)) {
        taken |= kInterrupt;
    }
    if (state.cpl == 0) {
        taken |= kIopl.mask();
    }
    if (size == OperandSize::Bits16) {
        taken &= 0xffff;
    }
    state.rflags = ((state.rflags & ~taken) | (image & taken) | kAlwaysOne) & ~kResume;
    return past_shadow(state);
}

} // namespace ringcheck::model
