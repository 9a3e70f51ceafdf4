// SPDX-License-Identifier: GPL-2.0-or-later
// What CPUID offers beyond what every modelled CPU has.  By default nothing: neither profile offers PCIDs, protection
// keys, INVPCID, XSAVE, MONITOR or virtual interrupts, so their CR4 bits are reserved and their instructions #UD.
#pragma once

#include "arch/control_registers.h"

#include <cstdint>

namespace ringcheck::model {

struct Features {
    bool protection_keys = false;    ///< PKU: CR4.PKE, RDPKRU, WRPKRU
    bool pcid = false;               ///< CR4.PCIDE
    bool invpcid = false;            ///< INVPCID
    bool xsave = false;              ///< CR4.OSXSAVE, XGETBV, XSETBV
    bool monitor = false;            ///< MONITOR and MWAIT, without extensions
    bool virtual_interrupts = false; ///< VME: CR4.PVI
    /// XCR0 bits that exist with XSAVE.
    std::uint64_t extended_state = arch::xcr0::kX87 | arch::xcr0::kSse;
};

} // namespace ringcheck::model
