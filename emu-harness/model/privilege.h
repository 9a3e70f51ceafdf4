// SPDX-License-Identifier: GPL-2.0-or-later
// Instructions that depend on CPL, IOPL or a control register alone.  Those that the model executes check it
// themselves; XSETBV, INVPCID, MONITOR, CLI, STI and POPF have more rules, in extended_control, invpcid, monitor,
// interrupt_flag. [SDM 3A "Privileged Instructions"; the instructions' own pages in SDM 2]
#pragma once

#include "model/cpu_state.h"
#include "model/fault.h"

#include <cstdint>
#include <expected>

namespace ringcheck::model {

enum class PrivilegeRule : std::uint8_t {
    Ring0, ///< HLT CLTS LGDT LIDT LLDT LTR LMSW INVLPG INVD WBINVD RDMSR WRMSR SWAPGS XSETBV MOV CR, MOV DR
    Iopl,  ///< CLI STI: CPL <= IOPL
    Umip,  ///< SGDT SIDT SLDT STR SMSW: ring 0 when CR4.UMIP = 1
    Tsd,   ///< RDTSC RDTSCP: ring 0 when CR4.TSD = 1
    Pce,   ///< RDPMC: ring 0 unless CR4.PCE = 1
};

/// @return  or #GP(0) with InstructionNotRing0, InstructionIopl, InstructionUmip, InstructionTsd, InstructionPce
std::expected<void, Fault> check_privilege(const CpuState& state, PrivilegeRule rule);

} // namespace ringcheck::model
