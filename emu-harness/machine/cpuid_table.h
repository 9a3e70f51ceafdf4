// SPDX-License-Identifier: GPL-2.0-or-later
// What CPUID answers: one pinned CPU per vendor, with the features asked for and those that the engine has in any case.
// No XSAVE and no AVX, no SYSENTER.  The local APIC's bit is the machine's: it goes when IA32_APIC_BASE switches it
// off.  [SDM 2A CPUID; APM 3 "CPUID"]
#pragma once

#include "machine/cpu_feature.h"
#include "model/cpu_features.h"
#include "model/vendor.h"

#include <cstdint>

namespace ringcheck {

/// A leaf that the CPU does not have is all zeros.
CpuidResult cpuid(model::Vendor vendor, const model::Features& features, std::uint32_t leaf, std::uint32_t subleaf);

} // namespace ringcheck
