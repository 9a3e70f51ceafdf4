// SPDX-License-Identifier: MIT
// Where the kernel's generator gets its first key from.
#pragma once

#include "base/random.h"
#include "cpu/cpu_features.h"

#include <optional>

namespace kernel {

enum class EntropySource : std::uint8_t { Seed, Rdseed, Rdrand, TimeStamp };

/// Seeds base::random: from `seed` when there is one, so that a boot can be repeated; else from RDSEED or RDRAND; else,
/// or when these refuse, from the jitter of the time stamp counter, which is little where instructions take no time.
/// @return  the best source that took part
EntropySource seed_random(const CpuFeatures& features, std::optional<std::uint64_t> seed);

} // namespace kernel
