// SPDX-License-Identifier: GPL-2.0-or-later
// What a machine consists of, in the order in which each part needs those before it.
#pragma once

#include "engine/interception.h"
#include "machine/board.h"
#include "machine/cpu.h"
#include "machine/executor.h"
#include "machine/guest_ram.h"
#include "machine/machine.h"

#include <utility>

namespace ringcheck {

struct Machine::Parts {
    Parts(const MachineConfig& configuration, GuestRam mapped)
        : config(configuration), ram(std::move(mapped)), memory(ram.bytes()), interception(memory),
          board(config, memory, interception), cpu(memory, interception, board),
          executor(memory, config, interception, cpu, board)
    {
    }

    MachineConfig config;
    GuestRam ram;
    model::PhysicalMemory memory;
    Interception interception;
    Board board;
    Cpu cpu;
    Executor executor;
};

} // namespace ringcheck
