// SPDX-License-Identifier: GPL-2.0-or-later
// The machine's CPU: the engine for plain code, the model for every event, and one state that both work on.
// Invariant: between two calls it stands between two instructions.
#pragma once

#include "arch/control_registers.h"
#include "arch/rflags.h"
#include "engine/engine.h"
#include "engine/interception.h"
#include "machine/board.h"
#include "machine/machine_config.h"
#include "machine/observer.h"
#include "machine/run_end.h"
#include "machine/transition.h"
#include "model/cpu_state.h"
#include "model/event_delivery.h"
#include "model/fault.h"
#include "model/physical_memory.h"

#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace ringcheck {

class Cpu {
public:
    /// Everything given outlives the CPU.
    Cpu(model::PhysicalMemory memory, Interception& interception, Board& board);

    /// Before anything else.  Fails with one line: see Engine::open().
    std::expected<void, std::string> open(std::span<std::byte> ram, const MachineConfig& config);
    void set_observer(Observer* observer) { observer_ = observer; }

    Engine& engine() { return *engine_; }
    const model::CpuState& state() { return engine_->state(); }
    /// The state that somebody from outside wishes.
    void set_state(const model::CpuState& state);
    /// Data of ring 3 is checked for alignment, or looked at for breakpoints: instructions have to go one by one.
    bool looks_at_data()
    {
        constexpr std::uint64_t kAlignmentMask = arch::cr0::kAlignmentMask;
        const model::CpuState& now = state();
        const bool checks_alignment =
            now.cpl == 3 && (now.rflags & arch::rflags::kAlignmentCheck) != 0 && (now.cr0 & kAlignmentMask) != 0;
        return data_breakpoints_ || checks_alignment;
    }
    /// What an instruction or an event made of `before`.
    void commit(const model::CpuState& before, const model::CpuState& after, bool flush_tlb = false);
    /// The engine itself made `after` of `before`.
    void follow(const model::CpuState& before, const model::CpuState& after);
    /// After a snapshot has been put back.
    void restored();
    /// The local APIC's page is there in one of its modes only.
    void follow_apic_mode();

    // A RunEnd is the end of the run.
    /// Delivers `event`, which happened in `before`.
    std::optional<RunEnd> deliver(const model::CpuState& before, const model::Event& event, TransitionKind kind);
    /// The end of the run when `fault` is none, but the model's word that it does not know.
    std::optional<RunEnd> cannot_raise(const model::CpuState& before, const model::Fault& fault);

    void tell(const Transition& transition);

private:
    void follow_breakpoints(const model::CpuState& state);

    model::PhysicalMemory memory_;
    Interception& interception_;
    Board& board_;
    std::unique_ptr<Engine> engine_;
    Observer* observer_ = nullptr;
    bool apic_attached_ = true;     ///< its page is where the engine finds it
    bool data_breakpoints_ = false; ///< some are enabled
};

/// The end of a run for want of `what`.
RunEnd unmodelled(const model::CpuState& state, std::string_view what);

} // namespace ringcheck
