// SPDX-License-Identifier: MIT
// A guest that sees a device in memory.
#pragma once

#include "support/machine_guest.h"

namespace support {

/// Two pages for it, which a guest's code has in RDI and RSI.
inline constexpr std::uint64_t kFirstDevicePage = MachineGuest::kUnmapped,
                               kSecondDevicePage = kFirstDevicePage + 0x1000;

inline void map_device(MachineGuest& guest, std::uint64_t page, std::uint64_t physical)
{
    constexpr std::uint64_t kPresentWritableUncached = 0x13;
    guest.guest.set_page_entry(page, physical | kPresentWritableUncached);
}

/// Ring 0 at its first instruction, with the pages in RDI and RSI and every other register 0.
inline ringcheck::model::CpuState with_device_pages(const MachineGuest& guest)
{
    using ringcheck::model::Gpr;
    ringcheck::model::CpuState state = guest.ring_0();
    state.gpr.fill(0);
    state[Gpr::Rsp] = MachineGuest::Guest::kKernelStack;
    state[Gpr::Rdi] = kFirstDevicePage;
    state[Gpr::Rsi] = kSecondDevicePage;
    return state;
}

} // namespace support
