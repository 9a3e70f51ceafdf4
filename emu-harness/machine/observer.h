// SPDX-License-Identifier: GPL-2.0-or-later
// Who is told what a machine does while it runs.  Every call happens between two instructions, in guest order.
#pragma once

#include "machine/transition.h"
#include "model/event_delivery.h"

#include <cstdint>
#include <optional>
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
    /// Told of each instruction that is about to execute: the machine stops before all of them.
    virtual bool wants_instructions() const { return false; }
    virtual void on_instruction(std::uint64_t /*count*/, const model::CpuState&) {}
    /// An interrupt controller gives `vector` to the CPU; on_event follows.
    /// @param ends  end-of-interrupt commands that it waits for now: 0 for a spurious interrupt, 2 behind a cascade
    virtual void on_interrupt_accepted(std::uint64_t /*count*/, std::uint8_t /*vector*/, unsigned /*ends*/) {}
    /// The guest sent an end-of-interrupt command.  @param vector  what it ended; nullopt: nothing was in service
    virtual void on_interrupt_ended(std::uint64_t /*count*/, std::optional<std::uint8_t> /*vector*/) {}
    /// The guest sent a byte out of COM1.
    virtual void on_console(char) {}
    /// The guest used something the machine does not have: "port 0x70 read", "MSR 0x1a0 write" ...
    virtual void on_unmodelled(std::uint64_t /*count*/, std::string_view /*what*/) {}
};

} // namespace ringcheck
