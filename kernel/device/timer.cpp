// SPDX-License-Identifier: MIT
#include "device/timer.h"

#include "arch/pit8254.h"
#include "cpu/port_io.h"

namespace kernel::timer {

void start()
{
    namespace pit = arch::pit8254;
    constexpr std::uint32_t kDivisor = pit::kClockHz / kTicksPerSecond;
    static_assert(kDivisor <= 0xffff);
    out8(pit::kControl, pit::kAccessLowHigh | pit::kModeRateGenerator);
    out8(pit::kChannel0, kDivisor & 0xff);
    out8(pit::kChannel0, kDivisor >> 8);
}

} // namespace kernel::timer
