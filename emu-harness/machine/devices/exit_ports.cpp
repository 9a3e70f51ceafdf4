// SPDX-License-Identifier: GPL-2.0-or-later
#include "machine/devices/exit_ports.h"

#include "arch/acpi.h"
#include "arch/exit_ports.h"
#include "machine/devices/port_bus.h"

namespace ringcheck {

namespace ports = arch::exit_ports;

namespace {
constexpr std::uint16_t kPort92 = 0x92, kResetControl = 0xcf9;
constexpr std::uint8_t kPort92FastReset = 1 << 0, kPort92A20 = 1 << 1;
constexpr std::uint8_t kResetCpu = 1 << 2; ///< port 0xcf9: a 1 here resets
constexpr unsigned kDebugExitPorts = 4;    ///< QEMU's iosize=4
} // namespace

void ExitPorts::attach_to(PortBus& bus)
{
    bus.attach(ports::kDebugExit, kDebugExitPorts, *this);
    bus.attach(ports::kAcpiPm1Control, 2, *this);
    bus.attach(ports::kBochsPowerOff, 2, *this);
    bus.attach(ports::kKeyboardCommand, 1, *this);
    bus.attach(kPort92, 1, *this);
    bus.attach(kResetControl, 1, *this);
}

std::uint8_t ExitPorts::read(std::uint16_t port)
{
    switch (port) {
    case kPort92: return kPort92A20;
    case ports::kAcpiPm1Control: return arch::acpi::kSciEnable; // ACPI is on: there is no other mode
    default: return 0;                                          // the keyboard controller: both buffers are empty
    }
}

void ExitPorts::write(std::uint16_t port, std::uint8_t value)
{
    const auto reset_if = [this](bool asked) {
        if (asked) {
            request_ = Request{Wish::Reset};
        }
    };
    switch (port) {
    case ports::kDebugExit: request_ = Request{Wish::DebugExit, value}; return;
    case ports::kKeyboardCommand: reset_if(value == ports::kPulseReset); return;
    case kPort92: reset_if((value & kPort92FastReset) != 0); return;
    case kResetControl: reset_if((value & kResetCpu) != 0); return;
    default: return; // half of the 16-bit power-off word does nothing
    }
}

bool ExitPorts::write_wide(std::uint16_t port, unsigned, std::uint32_t value)
{
    if (port == ports::kDebugExit) {
        request_ = Request{Wish::DebugExit, value};
    } else if ((port == ports::kAcpiPm1Control || port == ports::kBochsPowerOff) &&
               (value & ports::kAcpiSleepEnable) != 0) {
        request_ = Request{Wish::PowerOff};
    }
    return true;
}

} // namespace ringcheck
