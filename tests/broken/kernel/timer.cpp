// SPDX-License-Identifier: MIT
#include "timer.h"

#include "arch/pic8259.h"
#include "arch/pit8254.h"
#include "guests/common/instructions.h"

volatile std::uint64_t ticks;

void start_timer(std::uint8_t base)
{
    namespace pic = arch::pic8259;
    namespace pit = arch::pit8254;
    constexpr std::uint32_t kDivisor = pit::kClockHz / 1000;
    out8(pit::kControl, pit::kAccessLowHigh | pit::kModeRateGenerator);
    out8(pit::kChannel0, kDivisor & 0xff);
    out8(pit::kChannel0, kDivisor >> 8);
    out8(pic::kMasterCommand, pic::kIcw1Initialise | pic::kIcw1WithIcw4);
    out8(pic::kMasterData, base);
    out8(pic::kMasterData, 1 << pic::kCascadeLine);
    out8(pic::kMasterData, pic::kIcw4Mode8086);
    out8(pic::kMasterData, 0xfe);
    asm volatile("sti; hlt");
}
