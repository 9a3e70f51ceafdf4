// SPDX-License-Identifier: GPL-2.0-or-later
// Runs a machine instruction by instruction and tells of each, with the transitions between them.
// The machine goes the same way as in one piece: it is stopped by its instruction count only.
#pragma once

#include "explain/code_lines.h"
#include "explain/step.h"
#include "machine/machine.h"
#include "watch/guest_watch.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ringcheck {

/// Must be among the observers of the watch that `machine` is attached to.
class Stepper final : public GuestObserver {
public:
    /// @param write  is given the text, some thousand lines at a time
    Stepper(Machine& machine, const Processes& processes, CodeLines& code, StepFormat& format,
            std::function<void(std::string_view)> write)
        : machine_(machine), processes_(processes), code_(code), format_(format), write_(std::move(write))
    {
    }

    /// Until `steps` instructions have retired, or the run has ended.
    /// @return what ended the run; nullopt: it can go on
    std::optional<RunEnd> run(std::uint64_t steps);

    void on_event(std::uint64_t count, const model::CpuState& before, const model::Event& event) override;
    void on_transition(const Transition& transition) override;
    void on_process_ended(std::uint64_t count, const Process& process, const model::CpuState& state) override;

private:
    std::optional<RunEnd> one_step();
    void tell(const model::CpuState& before, const model::CpuState* after);
    void flush();

    Machine& machine_;
    const Processes& processes_;
    CodeLines& code_;
    StepFormat& format_;
    std::function<void(std::string_view)> write_;

    bool stepping_ = false;
    std::uint64_t count_ = 0;                ///< before the step
    model::CpuState before_;                 ///< the next instruction to retire
    bool by_instruction_ = false;            ///< the event that is delivered is an INT n's
    bool refused_ = false;                   ///< an instruction of this step was told of that did not retire
    std::optional<model::CpuState> trapped_; ///< after the instruction, before the trap that followed it
    std::vector<LogRow> rows_;               ///< to be told behind the instruction
    std::vector<RegisterChange> changes_;
    std::string text_;
};

} // namespace ringcheck
