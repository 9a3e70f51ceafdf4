// SPDX-License-Identifier: GPL-2.0-or-later
#include "model/sysret.h"

#include "arch/control_registers.h"
#include "arch/msr.h"
#include "model/descriptor_table.h"

namespace ringcheck::model {

namespace {

/// RFLAGS bits that SYSRET takes from R11: all that exist but RF and VM.
constexpr std::uint64_t kFromR11 =
    (arch::rflags::kDefined | arch::rflags::kAlwaysOne) & ~(arch::rflags::kResume | arch::rflags::kVirtual8086);
static_assert(kFromR11 == 0x3c'7fd7, "the mask of the manual's pseudo-code");

std::unexpected<Fault> general_protection(Reason reason)
{
    return std::unexpected(raise(arch::Vector::GeneralProtection, reason, 0));
}

} // namespace

std::expected<CpuState, Fault> sysret(const CpuState& before, OperandSize size, Vendor vendor)
{
    const bool to_64_bit = size == OperandSize::Bits64;
    if ((before.efer & arch::efer::kSyscallEnable) == 0) {
        return std::unexpected(raise(arch::Vector::InvalidOpcode, Reason::SysretNotEnabled));
    }
    if (vendor == Vendor::Intel && !before.in_64_bit_mode()) {
        return std::unexpected(raise(arch::Vector::InvalidOpcode, Reason::SysretOutside64BitMode));
    }
    if (before.cpl != 0) {
        return general_protection(Reason::SysretNotRing0);
    }
    if (!before.in_64_bit_mode()) {
        return std::unexpected(no_answer(Reason::ModeUnmodelled));
    }
    if (vendor == Vendor::Intel && to_64_bit && !arch::is_canonical(before[Gpr::Rcx])) {
        return general_protection(Reason::SysretRcxNonCanonical);
    }

    std::expected<CpuState, Fault> after(before); // in place: a state is large
    CpuState& state = *after;
    state.rip = to_64_bit ? state[Gpr::Rcx] : state[Gpr::Rcx] & 0xffff'ffff;
    state.rflags = (state[Gpr::R11] & kFromR11) | arch::rflags::kAlwaysOne;

    const auto base = static_cast<std::uint16_t>(arch::star::kSysretBase.get(state.star));
    const auto code = static_cast<std::uint16_t>((to_64_bit ? base + 16 : base) | 3);
    const auto stack = static_cast<std::uint16_t>(base + 8);
    state.cs = flat_code(code, 3, to_64_bit);
    if (vendor == Vendor::Intel) {
        state.ss = flat_stack(stack | 3, 3);
    } else {
        state.ss.selector = stack;
    }
    state.cpl = 3;
    state.interrupt_shadow = false;
    state.mov_ss_shadow = false;
    return after;
}

} // namespace ringcheck::model
