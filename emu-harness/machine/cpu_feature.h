// SPDX-License-Identifier: GPL-2.0-or-later
// The features of a CPU that can be chosen: their names, as QEMU spells them, and where CPUID tells of them.
// [SDM 2A CPUID; APM 3 "CPUID"]
#pragma once

#include "model/cpu_features.h"

#include <cstdint>
#include <span>

namespace ringcheck {

struct CpuidResult {
    std::uint32_t eax = 0, ebx = 0, ecx = 0, edx = 0;
    constexpr bool operator==(const CpuidResult&) const = default;
};

struct CpuFeature {
    const char* name;
    bool model::Features::* offered;
    std::uint32_t leaf; ///< whose subleaf 0, if it has any
    std::uint32_t CpuidResult::* output;
    std::uint32_t bit;
    const char* what; ///< what comes and goes with it
};

std::span<const CpuFeature> cpu_features();

} // namespace ringcheck
