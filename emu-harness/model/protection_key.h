// SPDX-License-Identifier: GPL-2.0-or-later
// RDPKRU and WRPKRU, at any CPL; what PKRU forbids is in page_walk.  [SDM 2B RDPKRU; SDM 2D WRPKRU]
#pragma once

#include "model/cpu_state.h"
#include "model/fault.h"

#include <cstdint>
#include <expected>

namespace ringcheck::model {

/// @return  EAX, or #UD PkruNotEnabled, #GP(0) PkruEcx
std::expected<std::uint32_t, Fault> rdpkru(const CpuState& state, std::uint32_t ecx);

/// @return  or #UD PkruNotEnabled, #GP(0) PkruEcx, PkruEdx
std::expected<CpuState, Fault> wrpkru(CpuState state, std::uint32_t ecx, std::uint32_t edx, std::uint32_t eax);

} // namespace ringcheck::model
