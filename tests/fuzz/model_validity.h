// SPDX-License-Identifier: MIT
// What every state of a CPU keeps, by the manuals alone: nothing here asks the model.
#pragma once

#include "model/cpu_features.h"
#include "model/cpu_state.h"

namespace fuzz {

/// What a manual lets an instruction leave behind although it looks wrong.
struct Allowances {
    /// SS need not fit CPL: SYSCALL takes its RPL from IA32_STAR, and AMD's SYSRET leaves its cache as it was.
    /// [SDM 2B SYSCALL "Operation"; APM 3 SYSRET "Action"]
    bool stack_of_another_ring = false;
    /// AMD takes a null SS with any RPL.  [APM 3 IRET, MOV]
    bool null_stack_with_any_rpl = false;
    /// AMD's SYSRET does not look at RCX.
    bool rip_not_canonical = false;
};

/// The first rule that `state` breaks, as the sentence that should have held; nullptr when it is valid.
const char* broken_rule(const ringcheck::model::CpuState& state, const ringcheck::model::Features& features,
                        const Allowances& allowances);

} // namespace fuzz
