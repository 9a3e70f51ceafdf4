// SPDX-License-Identifier: GPL-2.0-or-later
#include "watch/thread_of.h"

#include "arch/tss.h"

#include <cstddef>

namespace ringcheck {

std::optional<std::uint64_t> thread_of(const GuestDescription& guest, GuestMemory& memory, const model::CpuState& state)
{
    std::uint64_t place = state.tr.base + offsetof(arch::Tss, rsp);
    if (const auto& word = guest.current_thread) {
        const std::uint64_t block = guest.is_kernel_address(state.gs.base) ? state.gs.base : state.kernel_gs_base;
        place = word->from_gs ? block + word->place : word->place;
    }
    return memory.read_u64(state, arch::VirtAddr{place});
}

} // namespace ringcheck
