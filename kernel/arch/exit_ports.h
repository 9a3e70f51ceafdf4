// SPDX-License-Identifier: MIT
// Ports by which a guest ends its machine, and the debug console.
// [QEMU documentation "isa-debug-exit", "isa-debugcon"; keyboard controller reset: IBM PC/AT Technical Reference]
#pragma once

#include <cstdint>

namespace arch::exit_ports {

/// QEMU's isa-debug-exit at its usual port: writing v ends QEMU with status (v << 1) | 1.
inline constexpr std::uint16_t kDebugExit = 0xf4;
/// ACPI PM1a control of QEMU's pc machine: writing SLP_EN (bit 13) with type 0 powers off.
inline constexpr std::uint16_t kAcpiPm1Control = 0x604;
inline constexpr std::uint16_t kAcpiSleepEnable = 1 << 13;
/// Bochs and older QEMU: the same word powers off here.
inline constexpr std::uint16_t kBochsPowerOff = 0xb004;
/// Keyboard controller command port; command 0xfe pulses the reset line.
inline constexpr std::uint16_t kKeyboardCommand = 0x64;
inline constexpr std::uint8_t kPulseReset = 0xfe;
/// A byte written here appears on the debug console.
inline constexpr std::uint16_t kDebugConsole = 0xe9;

} // namespace arch::exit_ports
