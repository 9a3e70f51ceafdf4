// SPDX-License-Identifier: GPL-2.0-or-later
// SSE exceptions that MXCSR does not mask, which the engine does not raise: one instruction is executed, what it met is
// looked at, and it is undone if the model says that it faults.  SSE arithmetic writes registers alone.
#pragma once

#include "engine/engine.h"
#include "model/cpu_state.h"
#include "model/fault.h"
#include "model/float_state.h"

#include <cstddef>
#include <optional>
#include <span>

namespace ringcheck {

/// Some exception is not masked.
bool sse_exceptions_unmasked(const Engine& engine);

class FloatCheck {
public:
    /// Before the engine executes one instruction.
    explicit FloatCheck(Engine& engine);
    /// After it: sets the flags in MXCSR.
    /// @param before  the state that the instruction began with
    /// @param code    its bytes
    /// @return  what it raises; then the x87 and SSE registers are what they were before it, but for those flags
    std::optional<model::Fault> look(const model::CpuState& before, std::span<const std::byte> code);

private:
    Engine& engine_;
    model::FloatState floats_;
};

} // namespace ringcheck
