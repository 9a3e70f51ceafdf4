// SPDX-License-Identifier: MIT
#include "device/power.h"

#include "arch/exit_ports.h"
#include "cpu/port_io.h"
#include "cpu/registers.h"
#include "layout/panic_record.h"

namespace kernel::power {

namespace ports = arch::exit_ports;

void off()
{
    out8(ports::kDebugExit, layout::kExitPowerOff);
    out16(ports::kAcpiPm1Control, ports::kAcpiSleepEnable);
    out16(ports::kBochsPowerOff, ports::kAcpiSleepEnable);
    halt_for_ever();
}

void reboot()
{
    out8(ports::kKeyboardCommand, ports::kPulseReset);
    halt_for_ever();
}

void stop_after_panic()
{
    out8(ports::kDebugExit, layout::kExitPanic);
    halt_for_ever();
}

} // namespace kernel::power
