// SPDX-License-Identifier: GPL-2.0-or-later
// The main loop: lets the engine run plain code up to whatever comes next, and does what it stopped for.
#pragma once

#include "arch/address.h"
#include "engine/interception.h"
#include "machine/board.h"
#include "machine/cpu.h"
#include "machine/processor.h"
#include "machine/transition.h"

#include <cstdint>
#include <optional>
#include <tuple>
#include <unordered_set>

namespace ringcheck {

class Executor {
public:
    /// Everything given outlives it.
    Executor(model::PhysicalMemory memory, const MachineConfig& config, Interception& interception, Cpu& cpu,
             Board& board);

    void set_observer(Observer* observer) { observer_ = observer; }
    void watch(arch::VirtAddr rip);
    void stop_at(arch::VirtAddr rip);
    void clear_stops();

    RunEnd run(const RunLimits& limits);

    Processor& processor() { return processor_; }
    /// What a snapshot keeps of it (saved_fields.h).
    auto saved_fields(this auto& self)
    {
        return std::tie(self.processor_, self.announced_at_, self.told_at_, self.activity_);
    }
    bool possible() const { return activity_ <= model::Activity::WaitForSipi; }
    /// Somebody has given the CPU another state: it runs.
    void wake() { activity_ = model::Activity::Running; }

private:
    // A RunEnd is the end of the run.
    std::optional<RunEnd> run_once(const Board::Outlook& devices, std::uint64_t instruction_limit);
    std::optional<RunEnd> step_looking_at_data();
    std::optional<RunEnd> handle(const EngineStop& stop);
    std::optional<RunEnd> at_watched_address();
    void tell_instruction();
    std::optional<RunEnd> access_device(const EngineStop& before_it);
    std::optional<RunEnd> outside_memory(const EngineStop& stop);

    std::optional<RunEnd> execute(Instruction instruction);
    std::optional<RunEnd> executed(const model::CpuState& before, Executed& result);
    std::optional<RunEnd> left_to_engine(const model::CpuState& before);
    void completed_by_engine(const model::CpuState& before, const model::CpuState& after);

    std::optional<RunEnd> take(model::Taken taken);
    std::optional<RunEnd> wait();
    std::optional<RunEnd> exception(const EngineStop& stop);
    std::optional<RunEnd> raise(const model::CpuState& before, const model::Fault& fault);
    std::optional<RunEnd> deliver(const model::CpuState& before, const model::Event& event, TransitionKind kind);

    model::PhysicalMemory memory_;
    Interception& interception_;
    Cpu& cpu_;
    Board& board_;
    Processor processor_;
    Observer* observer_ = nullptr;
    std::unordered_set<std::uint64_t> watched_, stops_;
    std::uint64_t announced_at_ = Interception::kNever; ///< the count at which the watched address here was told of
    std::uint64_t told_at_ = Interception::kNever; ///< the count at which the observer was told of the instruction here
    model::Activity activity_ = model::Activity::Running;
    std::uint64_t access_breakpoints_ = 0; ///< DR6.B0..B3 of what the instruction here accesses
    std::uint64_t idle_limit_ = 0;
    Transition transition_; ///< the one that execute() is about, here because it is large
};

} // namespace ringcheck
