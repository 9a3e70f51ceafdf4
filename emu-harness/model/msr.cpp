// SPDX-License-Identifier: GPL-2.0-or-later
#include "model/msr.h"

#include "arch/msr.h"

#include <optional>
#include <utility>

namespace ringcheck::model {

namespace {

using arch::Msr;

std::unexpected<Fault> refuse(Reason reason)
{
    return std::unexpected(raise(arch::Vector::GeneralProtection, reason, 0));
}

/// What WRMSR checks before it writes.
enum class Holds : std::uint8_t {
    Anything,
    Address,
    LowHalf,     ///< the upper half is reserved
    LowHalfKept, ///< the upper half is ignored
    MemoryTypes,
};

/// Where CpuState keeps an MSR; nullptr in `word` for one that it does not keep.
template <typename State> struct Place {
    decltype(&std::declval<State&>().star) word = nullptr;
    Holds holds = Holds::Anything;
};

template <typename State> Place<State> find(State& state, Msr index, const Features& features, Vendor vendor)
{
    const bool intel = vendor == Vendor::Intel;
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
    case Msr::IA32_SYSENTER_CS: return {&state.sysenter_cs, Holds::LowHalfKept};
    // 32 bits on AMD.  [SDM 2D WRMSR; APM 2 "SYSENTER and SYSEXIT MSRs"]
    case Msr::IA32_SYSENTER_ESP: return {&state.sysenter_esp, intel ? Holds::Address : Holds::LowHalfKept};
    case Msr::IA32_SYSENTER_EIP: return {&state.sysenter_eip, intel ? Holds::Address : Holds::LowHalfKept};
    case Msr::IA32_PAT: return {&state.pat, Holds::MemoryTypes};
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
    case Msr::IA32_MTRR_DEF_TYPE: return std::unexpected(no_answer(Reason::MsrUnmodelled));
    default: return refuse(Reason::MsrUnknown);
    }
}

std::uint64_t misc_enable(const CpuState& state, const Features& features)
{
    return state.misc_enable | (features.monitor ? arch::misc_enable::kMonitor : 0);
}

/// What is there by one vendor's manual alone, or means something else by the other's: read.
std::optional<std::uint64_t> read_of_vendor(const CpuState& state, Msr index, const Features& features, Vendor vendor)
{
    const bool intel = vendor == Vendor::Intel;
    if (index == Msr::IA32_BIOS_SIGN_ID) { // AMD's PATCH_LEVEL, which is 0 likewise
        return state.bios_sign_id;
    }
    if (index == Msr::IA32_PLATFORM_ID && intel) {
        return 0;
    }
    if (index == Msr::IA32_MISC_ENABLE && intel) {
        return misc_enable(state, features);
    }
    return std::nullopt;
}

std::expected<CpuState, Fault> write_misc_enable(CpuState state, std::uint64_t value, const Features& features)
{
    using namespace arch::misc_enable;
    constexpr std::uint64_t kReadOnly = kBranchTraceUnavailable | kEventSamplingUnavailable;
    const std::uint64_t changed = value ^ misc_enable(state, features);
    if ((changed & (kMonitor | kLimitCpuid | kExecuteDisableUnavailable)) != 0) {
        return std::unexpected(no_answer(Reason::MsrUnmodelled)); // CPUID would have to say something else
    }
    if ((changed & ~(kFastStrings | kReadOnly)) != 0) {
        return refuse(Reason::MsrReservedBits);
    }
    state.misc_enable ^= changed & kFastStrings;
    return state;
}

/// One of read_of_vendor()'s: written.
std::expected<CpuState, Fault> write_of_vendor(CpuState state, Msr index, std::uint64_t value, const Features& features,
                                               Vendor vendor)
{
    if (index == Msr::IA32_MISC_ENABLE) {
        return write_misc_enable(state, value, features);
    }
    if (index == Msr::IA32_PLATFORM_ID || vendor == Vendor::Amd) {
        return refuse(Reason::MsrReadOnly);
    }
    state.bios_sign_id = value;
    return state;
}

/// Each byte is a memory type, and 2 and 3 are none.
bool are_memory_types(std::uint64_t value)
{
    constexpr std::uint64_t kHighest = 7;
    for (unsigned entry = 0; entry != arch::pat::kEntries; ++entry, value >>= arch::pat::kEntryBits) {
        const std::uint64_t type = arch::pat::kMemoryType.get(value);
        if (type == 2 || type == 3 || type > kHighest) {
            return false;
        }
    }
    return true;
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

std::expected<std::uint64_t, Fault> rdmsr(const CpuState& state, std::uint32_t index, const Features& features,
                                          Vendor vendor)
{
    const Msr msr{index};
    if (state.cpl != 0) {
        return refuse(Reason::MsrNotRing0);
    }
    if (msr == Msr::IA32_EFER) {
        return state.efer;
    }
    if (const auto value = read_of_vendor(state, msr, features, vendor)) {
        return *value;
    }
    const auto place = find(state, msr, features, vendor);
    if (place.word == nullptr) {
        return unknown(msr, features);
    }
    return *place.word;
}

std::expected<CpuState, Fault> wrmsr(CpuState state, std::uint32_t index, std::uint64_t value, const Features& features,
                                     Vendor vendor)
{
    const Msr msr{index};
    if (state.cpl != 0) {
        return refuse(Reason::MsrNotRing0);
    }
    if (msr == Msr::IA32_EFER) {
        return write_efer(state, value, features);
    }
    if (read_of_vendor(state, msr, features, vendor)) {
        return write_of_vendor(state, msr, value, features, vendor);
    }
    const auto place = find(state, msr, features, vendor);
    if (place.word == nullptr) {
        return unknown(msr, features);
    }
    if (place.holds == Holds::Address && !arch::is_canonical(value)) {
        return refuse(Reason::MsrNonCanonical);
    }
    if (place.holds == Holds::LowHalf && value >> 32 != 0) {
        return refuse(Reason::MsrReservedBits);
    }
    if (place.holds == Holds::MemoryTypes && !are_memory_types(value)) {
        return refuse(Reason::PatMemoryType);
    }
    *place.word = place.holds == Holds::LowHalfKept ? value & 0xffff'ffff : value;
    return state;
}

} // namespace ringcheck::model
