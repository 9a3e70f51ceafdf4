// SPDX-License-Identifier: MIT
// The steps that stay in their ring: registers, permissions, memory, and what is taken at an instruction boundary.
#pragma once

#include "fuzz/model_steps.h"
#include "fuzz/require.h"

namespace fuzz {

using Answer = std::expected<ringcheck::model::CpuState, ringcheck::model::Fault>;

/// Ends the target when `after` is another state than `before` with what `take` takes over from it.
template <typename Take>
void require_same_but(const ringcheck::model::CpuState& before, const ringcheck::model::CpuState& after, Take take)
{
    ringcheck::model::CpuState expected = before;
    take(expected, after);
    require(expected == after, "an instruction changes nothing else");
}

Answer step_table(Subject& subject, GuestSource& source);       ///< LTR, LLDT, LGDT, LIDT
Answer step_control(Subject& subject, GuestSource& source);     ///< MOV CR
Answer step_debug(Subject& subject, GuestSource& source);       ///< MOV DR, both ways
Answer step_msr(Subject& subject, GuestSource& source);         ///< RDMSR, WRMSR
Answer step_flags(Subject& subject, GuestSource& source);       ///< CLI, STI, POPF
Answer step_base(Subject& subject, GuestSource& source);        ///< SWAPGS, WRFSBASE, WRGSBASE
Answer step_extended(Subject& subject, GuestSource& source);    ///< XGETBV, XSETBV, RDPKRU, WRPKRU
Answer step_permissions(Subject& subject, GuestSource& source); ///< ports, INVPCID, MONITOR, alignment, privilege
Answer step_memory(Subject& subject, GuestSource& source);      ///< walk, load, store
Answer step_boundary(Subject& subject, GuestSource& source);    ///< retire, breakpoints, and what is taken then

} // namespace fuzz
