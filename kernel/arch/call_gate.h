// SPDX-License-Identifier: MIT
// A 16-byte call gate of IA-32e mode.  [SDM 3A "IA-32e Mode Call Gates"]
#pragma once

#include "arch/segment.h"

namespace arch {

struct CallGate {
    std::uint64_t low = 0;
    std::uint64_t high = 0;

    static constexpr Bits kSelector = bits<31, 16>;
    static constexpr Bits kUpperType = bits<44, 40>; ///< of `high`: zero, so that no selector can name the upper half

    /// A present gate.
    /// @param entry  virtual address of the procedure
    /// @param code   selector of its code segment
    /// @param dpl    the least privileged ring that may call through it
    static constexpr CallGate to(std::uint64_t entry, std::uint16_t code, Ring dpl)
    {
        return {bits<15, 0>.put(entry) | bits<63, 48>.put(entry >> 16) | kSelector.put(code) |
                    SegmentDescriptor::kType.put(SegmentDescriptor::kTypeCallGate) |
                    SegmentDescriptor::kDpl.put(static_cast<std::uint64_t>(dpl)) | SegmentDescriptor::kPresent,
                entry >> 32};
    }

    constexpr std::uint64_t entry() const
    {
        return bits<15, 0>.get(low) | bits<63, 48>.get(low) << 16 | bits<31, 0>.get(high) << 32;
    }
    constexpr std::uint16_t selector() const { return static_cast<std::uint16_t>(kSelector.get(low)); }
};

static_assert(CallGate::to(0xffff'ffff'8010'1234, 0x08, Ring::User).low == 0x8010'ec00'0008'1234);
static_assert(CallGate::to(0xffff'ffff'8010'1234, 0x08, Ring::User).entry() == 0xffff'ffff'8010'1234);

} // namespace arch
