// SPDX-License-Identifier: GPL-2.0-or-later
// Explanation by the opposite: which change of what was looked at would have let the CPU go on?  The model is asked
// again with every candidate, so an answer is true by the model, not a guess.
#pragma once

#include "explain/explanation.h"
#include "explain/history.h"
#include "explain/question.h"
#include "model/cpu_state.h"
#include "model/physical_memory.h"

#include <span>
#include <vector>

namespace ringcheck {

/// The smallest changes of one field of `exhibits` after which `question` finds no fault, by number of bits; nearest to
/// the end of the walk or of the list of fields first.  Empty when no single field makes the difference.
/// Memory is as before when this returns.
std::vector<Remedy> find_remedies(std::span<const Exhibit> exhibits, const Question& question,
                                  const model::CpuState& state, const model::PhysicalMemory& memory);

/// The single bits of STAR after which IRET would take the selectors that SYSRET loaded from it into `frame`: SYSRET
/// itself asks no table.  Empty when the frame's selectors are not those of `sysret`.
std::vector<Remedy> find_star_remedies(const History::Return& sysret, std::span<const FrameWord> frame,
                                       const Question& question, const model::CpuState& state,
                                       const model::PhysicalMemory& memory);

} // namespace ringcheck
