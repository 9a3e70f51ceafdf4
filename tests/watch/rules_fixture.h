// SPDX-License-Identifier: MIT
// Rules that look at crossings which a test makes up.
#pragma once

#include "support/crossing.h"
#include "watch/rules.h"

#include <string>
#include <vector>

namespace rules_test {

using namespace ringcheck;
using model::CpuState;
using model::Gpr;

class Rules : public support::CrossingTest {
protected:
    Rules() { checker.on_process_started(0, processes.started(1, hello(), kTable), kernel_state()); }

    std::vector<std::string> broken() const
    {
        std::vector<std::string> ids;
        for (const Violation& violation : checker.report().violations()) {
            ids.push_back(violation.rule->id);
        }
        return ids;
    }
    /// A call as it should be, up to the handler in ring 0.
    void call_and_dispatch()
    {
        checker.on_transition(call(user_state()));
        checker.on_dispatch(1015, kernel_state());
    }
    /// What ring 3 finds after that call: RAX, RCX and R11 have changed.
    CpuState returned() const
    {
        CpuState state = user_state();
        state.rip += 2;
        state[Gpr::Rax] = 32;
        state[Gpr::Rcx] = state.rip;
        state[Gpr::R11] = state.rflags;
        return state;
    }

    RuleChecker checker{RuleContext{guest, memory, processes, symbols}};
};

} // namespace rules_test
