// SPDX-License-Identifier: GPL-2.0-or-later
// Which registers differ between two states, by the manuals' names.
#pragma once

#include "model/cpu_state.h"

#include <cstdint>
#include <vector>

namespace ringcheck {

struct RegisterChange {
    const char* name;    ///< "rax", "cs", "gs.base", "IA32_LSTAR", "ZF"
    std::uint64_t value; ///< afterwards
    bool is_flag;        ///< a field of RFLAGS, whose value is 0 or 1 (IOPL: 0 to 3)

    bool operator==(const RegisterChange&) const = default;
};

/// Adds to `changes` all that differ but RIP, in a fixed order.
void find_changes(const model::CpuState& before, const model::CpuState& after, std::vector<RegisterChange>& changes);

} // namespace ringcheck
