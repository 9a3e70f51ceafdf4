// SPDX-License-Identifier: GPL-2.0-or-later
#include "model/syscall.h"

#include "arch/control_registers.h"
#include "arch/msr.h"
#include "model/descriptor_table.h"

namespace ringcheck::model {

namespace {

constexpr auto kInvalidOpcode = arch::Vector::InvalidOpcode;

} // namespace

std::expected<CpuState, Fault> syscall(const CpuState& before, Vendor vendor)
{
    const bool long_mode = (before.efer & arch::efer::kLongModeActive) != 0;
    if ((before.efer & arch::efer::kSyscallEnable) == 0) {
        return std::unexpected(raise(kInvalidOpcode, Reason::SyscallNotEnabled));
    }
    if (vendor == Vendor::Intel && !before.in_64_bit_mode()) {
        return std::unexpected(raise(kInvalidOpcode, Reason::SyscallOutside64BitMode));
    }
    if (!long_mode) {
        return std::unexpected(no_answer(Reason::ModeUnmodelled));
    }

    std::expected<CpuState, Fault> after(before); // in place: a state is large
    CpuState& state = *after;
    // RF was cleared when the instruction began, so neither R11 nor the new RFLAGS has it.
    const std::uint64_t flags = state.rflags & ~arch::rflags::kResume;
    state[Gpr::Rcx] = state.rip;
    state[Gpr::R11] = flags;
    state.rip = state.in_64_bit_mode() ? state.lstar : state.cstar;
    state.rflags = (flags & ~state.fmask) | arch::rflags::kAlwaysOne;

    const auto base = static_cast<std::uint16_t>(arch::star::kSyscallBase.get(state.star));
    state.cs = flat_code(base & 0xfffc, 0, true);
    state.ss = flat_stack(static_cast<std::uint16_t>(base + 8), 0);
    state.cpl = 0;
    state.interrupt_shadow = false;
    state.mov_ss_shadow = false;
    return after;
}

} // namespace ringcheck::model
