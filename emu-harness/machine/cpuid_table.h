// SPDX-License-Identifier: GPL-2.0-or-later
// What CPUID answers: one pinned CPU per vendor, with the features that the engine has and the model knows.
// No XSAVE and no AVX, no SYSENTER.  The local APIC's bit is the machine's: it goes when IA32_APIC_BASE switches it
// off.  [SDM 2A CPUID; APM 3 "CPUID"]
#pragma once

#include "model/vendor.h"

#include <cstdint>

namespace ringcheck {

struct CpuidResult {
    std::uint32_t eax = 0, ebx = 0, ecx = 0, edx = 0;
    constexpr bool operator==(const CpuidResult&) const = default;
};

/// A leaf that the CPU does not have is all zeros.
CpuidResult cpuid(model::Vendor vendor, std::uint32_t leaf, std::uint32_t subleaf);

} // namespace ringcheck
