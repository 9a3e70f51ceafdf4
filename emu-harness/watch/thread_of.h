// SPDX-License-Identifier: GPL-2.0-or-later
// Which thread runs: by the word that the guest's description names, else by the kernel stack that TSS.RSP0 names.
#pragma once

#include "guest/guest_description.h"
#include "watch/guest_memory.h"

#include <cstdint>
#include <optional>

namespace ringcheck {

/// A number that differs from thread to thread; nullopt when memory does not hold it.
std::optional<std::uint64_t> thread_of(const GuestDescription& guest, GuestMemory& memory,
                                       const model::CpuState& state);

} // namespace ringcheck
