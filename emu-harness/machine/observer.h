// SPDX-License-Identifier: GPL-2.0-or-later
// Who is told what a machine does while it runs.  Every call happens between two instructions, in guest order.
#pragma once

#include "machine/transition.h"
#include "model/event_delivery.h"

#include <cstdint>
#include <string_view>

namespace ringcheck {

class Observer {
public:
    virtual ~Observer() = default;

    /// An exception, interrupt or INT n is about to be delivered: registers and memory are as it found them.
    /// on_transition follows, unless the delivery ends the run.
    virtual void on_event(std::uint64_t /*count*/, const model::CpuState&, const model::Event&) {}
    virtual void on_transition(const Transition&) {}
    /// The instruction at a watched address is about to execute (Machine::watch_address).
    virtual void on_address(std::uint64_t /*count*/, const model::CpuState&) {}
    /// The guest sent a byte out of COM1.
    virtual void on_console(char) {}
    /// The guest used something the machine does not have: "port 0x70 read", "MSR 0x1a0 write" ...
    virtual void on_unmodelled(std::uint64_t /*count*/, std::string_view /*what*/) {}
};

} // namespace ringcheck
