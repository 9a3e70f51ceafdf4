// SPDX-License-Identifier: MIT
// The local APIC and its timer, by MSRs where the CPU has x2APIC mode, else by the page at kApicPage.
// [SDM 3A "Advanced Programmable Interrupt Controller (APIC)"]
#pragma once

#include <cstdint>

inline constexpr unsigned kTimerVector = 0x40;
/// Where memory.cpp maps the registers.
inline constexpr std::uint64_t kApicPage = 0xffff'ffff'c000'0000, kApicPhysical = 0xfee0'0000;

/// Masks the 8259s and starts a periodic interrupt of about a millisecond.
void start_local_apic();
void end_of_interrupt();
