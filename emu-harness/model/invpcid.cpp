// SPDX-License-Identifier: GPL-2.0-or-later
#include "model/invpcid.h"

namespace ringcheck::model {

namespace {

std::unexpected<Fault> refuse(Reason reason)
{
    return std::unexpected(raise(arch::Vector::GeneralProtection, reason, 0));
}

} // namespace

std::expected<void, Fault> check_invpcid(const CpuState& state, std::uint64_t type, const InvpcidDescriptor& descriptor,
                                         const Features& features)
{
    constexpr std::uint64_t kOneAddress = 0, kOnePcid = 1, kLastType = 3;
    if (!features.invpcid) {
        return std::unexpected(raise(arch::Vector::InvalidOpcode, Reason::InvpcidNotOffered));
    }
    if (state.cpl != 0) {
        return refuse(Reason::InstructionNotRing0);
    }
    if (type > kLastType) {
        return refuse(Reason::InvpcidType);
    }
    if ((descriptor.pcid & ~arch::cr3::kPcid.mask()) != 0) {
        return refuse(Reason::InvpcidReservedBits);
    }
    if (type <= kOnePcid && descriptor.pcid != 0 && (state.cr4 & arch::cr4::kPcid) == 0) {
        return refuse(Reason::InvpcidPcidWithoutPcide);
    }
    if (type == kOneAddress && !arch::is_canonical(descriptor.linear_address)) {
        return refuse(Reason::InvpcidNonCanonical);
    }
    return {};
}

} // namespace ringcheck::model
