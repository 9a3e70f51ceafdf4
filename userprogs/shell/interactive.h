// SPDX-License-Identifier: MIT
// The shell at a terminal: prompts, the history, completion, and news of jobs.
#pragma once

#include "shell/state.h"

namespace shell {

/// Talks until the input ends, `exit`, or the terminal is gone.
void run_interactive(State& state);

} // namespace shell
