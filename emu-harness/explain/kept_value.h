// SPDX-License-Identifier: GPL-2.0-or-later
// Where a value went that the kernel had to keep: a second run, instruction by instruction, with an eye on its copies.
#pragma once

#include "explain/explanation.h"
#include "machine/machine.h"
#include "watch/symbols.h"

#include <optional>
#include <string>

namespace ringcheck {

/// Follows the copies of a value in the general registers and in memory, from `kept.from_count`, where `machine`
/// stands, to the instruction that needs it.  Nothing when that takes more than some hundred thousand instructions, or
/// the machine ends before.
std::optional<ValueFate> follow(Machine& machine, const KeptValue& kept, const Symbols& symbols,
                                const Program& program);

} // namespace ringcheck
