// SPDX-License-Identifier: GPL-2.0-or-later
#include "model/control_register.h"

#include "model/page_walk.h"

namespace ringcheck::model {

namespace {

std::unexpected<Fault> refuse(Reason reason)
{
    return std::unexpected(raise(arch::Vector::GeneralProtection, reason, 0));
}

/// Long mode has no such type.  [SDM 3A "System Segment and Gate-Descriptor Types"]
bool holds_16_bit_tss(const SegmentRegister& tr)
{
    constexpr unsigned kTypeTss16Busy = 3;
    return (tr.attributes >> 8 & 0x1f) == kTypeTss16Busy;
}

std::expected<CpuState, Fault> write_cr0(CpuState state, std::uint64_t value)
{
    using namespace arch::cr0;
    namespace efer = arch::efer;
    constexpr std::uint64_t kExisting = kProtectionEnable | kMonitorCoprocessor | kEmulation | kTaskSwitched |
                                        kExtensionType | kNumericError | kWriteProtect | kAlignmentMask |
                                        kNotWriteThrough | kCacheDisable | kPaging;
    if (value >> 32 != 0) {
        return refuse(Reason::Cr0UpperBits);
    }
    const bool paging = (value & kPaging) != 0;
    const bool was_paging = (state.cr0 & kPaging) != 0;
    const bool long_mode_wanted = (state.efer & efer::kLongModeEnable) != 0;
    if (paging && (value & kProtectionEnable) == 0) {
        return refuse(Reason::Cr0PagingWithoutProtection);
    }
    if ((value & kNotWriteThrough) != 0 && (value & kCacheDisable) == 0) {
        return refuse(Reason::Cr0NotWriteThroughWithoutCacheDisable);
    }
    if (paging && !was_paging && long_mode_wanted) {
        if ((state.cr4 & arch::cr4::kPhysicalAddressExtension) == 0) {
            return refuse(Reason::Cr0LongModeWithoutPae);
        }
        if (state.cs.long_code()) {
            return refuse(Reason::Cr0LongModeWithLongCs);
        }
        if (holds_16_bit_tss(state.tr)) {
            return refuse(Reason::Cr0LongModeWith16BitTss);
        }
    }
    if (!paging && state.in_64_bit_mode()) {
        return refuse(Reason::Cr0PagingOffIn64BitMode);
    }
    if (!paging && (state.cr4 & arch::cr4::kPcid) != 0) {
        return refuse(Reason::Cr0PagingOffWithPcide);
    }
    // ET reads as 1 on every CPU since the Pentium.
    state.cr0 = (value & kExisting) | kExtensionType;
    if (paging && long_mode_wanted) {
        state.efer |= efer::kLongModeActive;
    } else {
        state.efer &= ~efer::kLongModeActive;
    }
    return state;
}

std::expected<CpuState, Fault> write_cr4(CpuState state, std::uint64_t value, const Features& features)
{
    if ((value & ~supported_cr4(features)) != 0) {
        return refuse(Reason::Cr4ReservedBits);
    }
    const bool long_mode = (state.efer & arch::efer::kLongModeActive) != 0;
    if (long_mode && (value & arch::cr4::kPhysicalAddressExtension) == 0) {
        return refuse(Reason::Cr4PaeOffInLongMode);
    }
    const bool sets_pcide = (value & ~state.cr4 & arch::cr4::kPcid) != 0;
    if (sets_pcide && !long_mode) {
        return refuse(Reason::Cr4PcideOutsideLongMode);
    }
    if (sets_pcide && arch::cr3::kPcid.get(state.cr3) != 0) {
        return refuse(Reason::Cr4PcideWithPcid);
    }
    state.cr4 = value;
    return state;
}

} // namespace

std::expected<CpuState, Fault> mov_to_control_register(CpuState state, unsigned number, std::uint64_t value,
                                                       const Features& features)
{
    const bool exists = number == 0 || number == 2 || number == 3 || number == 4 || number == 8;
    if (!exists) {
        return std::unexpected(raise(arch::Vector::InvalidOpcode, Reason::CrUnknown));
    }
    if (state.cpl != 0) {
        return refuse(Reason::CrNotRing0);
    }
    switch (number) {
    case 0: return write_cr0(state, value);
    case 2: state.cr2 = value; return state;
    case 3:
        if ((state.cr4 & arch::cr4::kPcid) != 0) {
            value &= ~arch::cr3::kNoFlush;
        }
        if (value >> kPhysicalAddressBits != 0) {
            return refuse(Reason::Cr3ReservedBits);
        }
        state.cr3 = value;
        return state;
    case 4: return write_cr4(state, value, features);
    default:
        if (value >> 4 != 0) {
            return refuse(Reason::Cr8ReservedBits);
        }
        state.cr8 = value;
        return state;
    }
}

} // namespace ringcheck::model
