// SPDX-License-Identifier: MIT
// The interrupts that scenarios get: from the local APIC, by commands to itself, and from the 8259 by the timer.  They
// are sent before a scenario begins, with IF = 0, so that they wait for the instruction that lets them in.
// [SDM 3A "Advanced Programmable Interrupt Controller (APIC)"]
#pragma once

#include "arch/local_apic.h"
#include "world.h"

#include <cstdint>

namespace conformance::apic {

/// Two vectors of different priority, and the one of the 8259's line 0.
inline constexpr unsigned kLow = 0x61, kHigh = 0x91, kTimerLine = 0x70;

/// The interrupt command register, and what makes it send an NMI, or kLow, to its own CPU: by its ID, which is 0.
inline constexpr std::uint64_t kCommand =
    world::kLocalApic + static_cast<std::uint64_t>(arch::local_apic::Register::CommandLow);
constexpr std::uint32_t command(arch::local_apic::Delivery delivery, unsigned vector)
{
    namespace lvt = arch::local_apic::lvt;
    return static_cast<std::uint32_t>(lvt::kVector.put(vector) |
                                      lvt::kDelivery.put(static_cast<std::uint64_t>(delivery))) |
           arch::local_apic::command::kAssert;
}
inline constexpr std::uint32_t kSendNmi = command(arch::local_apic::Delivery::Nmi, 0),
                               kSendLow = command(arch::local_apic::Delivery::Fixed, kLow);

/// Each returns when the interrupt waits for IF.
void send(unsigned vector);
void start_apic_timer(unsigned vector);
void start_8259_timer();

/// Both controllers as every scenario finds them: enabled, nothing requested or in service, task priority 0.  Takes
/// what a scenario has left; its gates must be the world's.
void reset();

} // namespace conformance::apic
