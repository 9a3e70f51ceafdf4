// SPDX-License-Identifier: MIT
// A 16-byte interrupt or trap gate of 64-bit mode.  [SDM 3A "64-Bit Mode IDT"]
#pragma once

#include "arch/segment.h"

namespace arch {

struct IdtGate {
    std::uint64_t low = 0;
    std::uint64_t high = 0;

    static constexpr Bits kSelector = bits<31, 16>;
    static constexpr Bits kIst = bits<34, 32>;
    static constexpr Bits kType = bits<44, 40>; ///< with the S bit, which is 0 for a gate
    static constexpr Bits kDpl = bits<46, 45>;
    static constexpr std::uint64_t kPresent = bit<47>;
    static constexpr std::uint64_t kTypeInterrupt = 14, kTypeTrap = 15;

    /// A present interrupt gate (IF is cleared on entry).
    /// @param handler   virtual address of the entry
    /// @param code      selector of the handler's code segment
    /// @param ist       0, or 1..7 for a stack of the TSS's interrupt stack table
    /// @param dpl       the least privileged ring whose INT n may use it
    static constexpr IdtGate interrupt(std::uint64_t handler, std::uint16_t code, unsigned ist, Ring dpl)
    {
        return {bits<15, 0>.put(handler) | bits<63, 48>.put(handler >> 16) | kSelector.put(code) | kIst.put(ist) |
                    kType.put(kTypeInterrupt) | kDpl.put(static_cast<std::uint64_t>(dpl)) | kPresent,
                handler >> 32};
    }

    constexpr std::uint64_t handler() const
    {
        return bits<15, 0>.get(low) | bits<63, 48>.get(low) << 16 | bits<31, 0>.get(high) << 32;
    }
    constexpr std::uint16_t selector() const { return static_cast<std::uint16_t>(kSelector.get(low)); }
    constexpr unsigned ist() const { return static_cast<unsigned>(kIst.get(low)); }
    constexpr std::uint64_t type() const { return kType.get(low); }
    constexpr std::uint64_t dpl() const { return kDpl.get(low); }
    constexpr bool present() const { return (low & kPresent) != 0; }
};

static_assert(sizeof(IdtGate) == 16);
static_assert(IdtGate::interrupt(0xffff'ffff'8010'1234, 0x08, 1, Ring::Kernel).low == 0x8010'8e01'0008'1234);
static_assert(IdtGate::interrupt(0xffff'ffff'8010'1234, 0x08, 1, Ring::User).handler() == 0xffff'ffff'8010'1234);

} // namespace arch
