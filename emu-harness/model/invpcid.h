// SPDX-License-Identifier: GPL-2.0-or-later
// INVPCID, after its descriptor has been read.  [SDM 2A INVPCID]
#pragma once

#include "model/cpu_features.h"
#include "model/cpu_state.h"
#include "model/fault.h"

#include <cstdint>
#include <expected>

namespace ringcheck::model {

struct InvpcidDescriptor {
    std::uint64_t pcid = 0; ///< bits 63:12 are reserved
    std::uint64_t linear_address = 0;
};

/// May it be executed?  What it invalidates is the TLB's matter.
/// @param type  0 one address, 1 one PCID, 2 all with globals, 3 all without
/// @return  or #UD InvpcidNotOffered; #GP(0) InstructionNotRing0, InvpcidType, InvpcidReservedBits,
///          InvpcidPcidWithoutPcide and InvpcidNonCanonical (types 0 and 1, type 0)
std::expected<void, Fault> check_invpcid(const CpuState& state, std::uint64_t type, const InvpcidDescriptor& descriptor,
                                         const Features& features);

} // namespace ringcheck::model
