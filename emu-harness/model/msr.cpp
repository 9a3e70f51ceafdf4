// SPDX-License-Identifier: GPL-2.0-or-later
#include "model/msr.h"

#include "arch/msr.h"

#include <utility>

namespace ringcheck::model {

namespace {

using arch::Msr;

std::unexpected<Fault> refuse(Reason reason)
{
    return std::unexpected(raise(arch::Vector::GeneralProtection, reason, 0));
}

/// What WRMSR checks before it writes.
enum class Holds : std::uint8_t { Anything, Address, LowHalf };

/// Where CpuState keeps an MSR; nullptr in `word` for one that it does not keep.
template <typename State> struct Place {
    decltype(&std::declval<State&>().star) word = nullptr;
    Holds holds = Holds::Anything;
};

template <typename State> Place<State> find(State& state, Msr index, const Features& features)
{
    if (index == Msr::IA32_TSC_AUX && !features.rdtscp) {
        return {};
    }
    switch (index) {
    case Msr::IA32_STAR: return {&state.star, Holds::Anything};
    case Msr::IA32_LSTAR: return {&state.lstar, Holds::Address};
    case Msr::IA32_CSTAR: return {&state.cstar, Holds::Address};
    case Msr::IA32_FMASK: return {&state.fmask, Holds::LowHalf};
    case Msr::IA32_FS_BASE: return {&state.fs.base, Holds::Address};
    case Msr::IA32_GS_BASE: return {&state.gs.base, Holds::Address};
    case Msr::IA32_KERNEL_GS_BASE: return {&state.kernel_gs_base, Holds::Address};
    case Msr::IA32_TSC_AUX: return {&state.tsc_aux, Holds::LowHalf};
    default: return {};
    }
}

/// An MSR that CpuState does not keep: one that every CPU has, or none at all.
std::unexpected<Fault> unknown(Msr index, const Features& features)
{
    if (index == Msr::IA32_APIC_BASE && !features.apic) {
        return refuse(Reason::MsrUnknown);
    }
    switch (index) {
    case Msr::IA32_TSC:
    case Msr::IA32_APIC_BASE:
    case Msr::IA32_SYSENTER_CS:
    case Msr::IA32_SYSENTER_ESP:
    case Msr::IA32_SYSENTER_EIP:
    case Msr::IA32_MISC_ENABLE:
    case Msr::IA32_PAT:
    case Msr::IA32_MTRR_DEF_TYPE: return std::unexpected(no_answer(Reason::MsrUnmodelled));
    default: return refuse(Reason::MsrUnknown);
    }
}

std::expected<CpuState, Fault> write_efer(CpuState state, std::uint64_t value, const Features& features)
{
    namespace efer = arch::efer;
    if ((value & ~supported_efer(features)) != 0) {
        return refuse(Reason::MsrReservedBits);
    }
    const bool changes_lme = ((value ^ state.efer) & efer::kLongModeEnable) != 0;
    if (changes_lme && (state.cr0 & arch::cr0::kPaging) != 0) {
        return refuse(Reason::EferLmeWhilePaging);
    }
    state.efer = (value & ~efer::kLongModeActive) | (state.efer & efer::kLongModeActive);
    return state;
}

} // namespace

std::expected<std::uint64_t, Fault> rdmsr(const CpuState& state, std::uint32_t index, const Features& features)
{
    const Msr msr{index};
    if (state.cpl != 0) {
        return refuse(Reason::MsrNotRing0);
    }
    if (msr == Msr::IA32_EFER) {
        return state.efer;
    }
    const auto place = find(state, msr, features);
    if (place.word == nullptr) {
        return unknown(msr, features);
    }
    return *place.word;
}

std::expected<CpuState, Fault> wrmsr(CpuState state, std::uint32_t index, std::uint64_t value, const Features& features)
{
    const Msr msr{index};
    if (state.cpl != 0) {
        return refuse(Reason::MsrNotRing0);
    }
    if (msr == Msr::IA32_EFER) {
        return write_efer(state, value, features);
    }
    const auto place = find(state, msr, features);
    if (place.word == nullptr) {
        return unknown(msr, features);
    }
    if (place.holds == Holds::Address && !arch::is_canonical(value)) {
        return refuse(Reason::MsrNonCanonical);
    }
    if (place.holds == Holds::LowHalf && value >> 32 != 0) {
        return refuse(Reason::MsrReservedBits);
    }
    *place.word = value;
    return state;
}

} // namespace ringcheck::model
