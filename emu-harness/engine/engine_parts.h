// SPDX-License-Identifier: GPL-2.0-or-later
// What an Engine consists of: for engine*.cpp alone.
#pragma once

#include "engine/block_gate.h"
#include "engine/code_hook.h"
#include "engine/engine.h"
#include "engine/interception.h"
#include "engine/state_door.h"
#include "engine/stepped_code.h"

#include <unordered_set>
#include <vector>

namespace ringcheck {

struct Engine::Parts {
    Parts(uc_engine* opened, StateDoor opened_door, Interception& instruction_gate)
        : engine(opened), door(opened_door), interception(instruction_gate)
    {
    }
    ~Parts() = default;
    void protect_devices(std::uint32_t rights)
    {
        for (const arch::PhysAddr page : device_pages) {
            uc_mem_protect(engine.get(), page.value, arch::kPageSize, rights);
        }
    }

    std::expected<void, std::string> add_hooks(ExecutionMode mode);
    /// Does what the block gate has asked for; false if it has not.
    bool retranslate();
    /// Drops the translations of code in these pages of RAM.  @return false: not all of them
    bool forget_pages(const std::unordered_set<const std::byte*>& pages);
    bool execute_alone_instead();
    /// The instruction at `rip` has been announced and is let pass.
    void keep_flags(std::uint64_t rip) { announced = {rip, interception.count(), door.lazy_flags()}; }
    void give_back_flags();
    void find_outside_address(uc_err error);
    void set_repeating(bool on)
    {
        repeating = on;
        if (blocks) {
            blocks->set_repeating(on);
        }
    }
    void leave_alone(std::uint64_t rip);

    struct Close {
        void operator()(uc_engine* opened) const { uc_close(opened); }
    };
    std::unique_ptr<uc_engine, Close> engine;
    StateDoor door;
    Interception& interception;
    std::span<const std::byte> ram;
    std::optional<BlockGate> blocks;    ///< in Fast mode
    std::optional<CodeHook> code_hook;  ///< in Fast mode
    std::optional<SteppedCode> stepped; ///< in Step mode
    /// The instruction here was given an interrupt shadow, which makes the engine translate it alone.
    std::optional<std::uint64_t> alone;
    std::optional<EngineStop> stopped;
    std::vector<arch::PhysAddr> device_pages;
    /// The instruction that was announced last and let pass, and the flags before it.
    struct Announced {
        std::uint64_t rip, count;
        StateDoor::LazyFlags flags;
    };
    std::optional<Announced> announced; ///< of this run
    bool repeating = false;             ///< an instruction runs that has been asked for already
    /// What the engine does not hold (MSRs and flags that only the model uses) is kept here between calls.
    model::CpuState state;
    bool state_current = false;         ///< `state` is what the engine holds
    std::uint64_t count_before_run = 0; ///< of instructions
    bool executed_nothing() const { return interception.count() == count_before_run; }
};

} // namespace ringcheck
