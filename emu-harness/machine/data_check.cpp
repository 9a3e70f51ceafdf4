// SPDX-License-Identifier: GPL-2.0-or-later
#include "machine/data_check.h"

#include "machine/data_access.h"
#include "model/alignment_check.h"
#include "model/breakpoint.h"

namespace ringcheck {

std::expected<std::uint64_t, model::Fault> check_data(const model::CpuState& state, std::span<const std::byte> code)
{
    std::uint64_t met = 0;
    for (const DataAccess& access : data_accesses(state, code)) {
        const auto rights = by_program(state, access.write ? model::AccessKind::Write : model::AccessKind::Read);
        if (const auto aligned = check_alignment(state, access.address, access.alignment, rights); !aligned) {
            return std::unexpected(aligned.error());
        }
        if (access.read) {
            met |= data_breakpoints(state, access.address, access.bytes, model::DataAccess::Read);
        }
        if (access.write) {
            met |= data_breakpoints(state, access.address, access.bytes, model::DataAccess::Write);
        }
    }
    return met;
}

} // namespace ringcheck
