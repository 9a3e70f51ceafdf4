// SPDX-License-Identifier: MIT
// reboot(2)'s numbers.  [Linux uapi linux/reboot.h]
#pragma once

#include <cstdint>

namespace uapi {

/// The first argument, and what the second may be.
inline constexpr std::uint32_t kRebootMagic = 0xfee1'dead;
inline constexpr std::uint32_t kRebootMagic2[] = {672274793, 85072278, 369367448, 537993216};

/// The third.
enum class RebootCommand : std::uint32_t {
    ControlAltDelOff = 0x0000'0000,
    Restart = 0x0123'4567,
    PowerOff = 0x4321'fedc,
    ControlAltDelOn = 0x89ab'cdef,
    Halt = 0xcdef'0123,
};

} // namespace uapi
