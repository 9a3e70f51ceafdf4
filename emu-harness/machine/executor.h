// SPDX-License-Identifier: GPL-2.0-or-later
// The main loop: lets the engine run plain code up to whatever comes next, and does what it stopped for.
#pragma once

#include "arch/address.h"
#include "engine/interception.h"
#include "machine/board.h"
#include "machine/cpu.h"
#include "machine/processor.h"

#include <cstdint>
#include <optional>
#include <tuple>
#include <unordered_set>

namespace ringcheck {

class Executor {
public:
    /// Everything given outlives it.
    Executor(model::PhysicalMemory memory, model::Vendor vendor, Interception& interception, Cpu& cpu, Board& board);

    void set_observer(Observer* observer) { observer_ = observer; }
    void watch(arch::VirtAddr rip);
    void stop_at(arch::VirtAddr rip);
    void clear_stops();

    RunEnd run(const RunLimits& limits);

    Processor& processor() { return processor_; }
    /// What a snapshot copies, beside what the processor saves by itself.
    auto restorable() { return std::tie(announced_at_); }

private:
    // A RunEnd is the end of the run.
    std::optional<RunEnd> run_engine(std::uint64_t instruction_limit);
    std::optional<RunEnd> handle(const EngineStop& stop);
    std::optional<RunEnd> at_watched_address();
    std::optional<RunEnd> access_device();
    std::optional<RunEnd> outside_memory(const EngineStop& stop);
    RunEnd instruction_limit_reached() const;

    std::optional<RunEnd> execute(Instruction instruction);
    std::optional<RunEnd> executed(const model::CpuState& before, const Executed& result);
    std::optional<RunEnd> left_to_engine(const model::CpuState& before);
    std::optional<RunEnd> halt(const model::CpuState& state);

    std::optional<RunEnd> take_interrupt();
    std::optional<RunEnd> take_nmi();
    std::optional<RunEnd> exception(const EngineStop& stop);
    std::optional<RunEnd> single_step_trap(const model::CpuState& state);
    std::optional<RunEnd> raise(const model::CpuState& before, const model::Fault& fault);
    std::optional<RunEnd> deliver(const model::CpuState& before, const model::Event& event, TransitionKind kind);

    Interception& interception_;
    Cpu& cpu_;
    Board& board_;
    Processor processor_;
    Observer* observer_ = nullptr;
    std::unordered_set<std::uint64_t> watched_, stops_;
    std::uint64_t announced_at_ = Interception::kNever; ///< the count at which the watched address here was told of
    std::uint64_t idle_limit_ = 0;
};

} // namespace ringcheck
