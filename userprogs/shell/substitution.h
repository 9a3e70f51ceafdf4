// SPDX-License-Identifier: MIT
// What an expansion needs of the rest of the shell.
#pragma once

#include "shell/state.h"
#include "shell/syntax.h"

namespace shell {

/// Runs `command` (null: nothing) in a process of its own and gives what it has written, without the newlines at its
/// end. Its status is State::substitution_status.  False after a report: there was no process or no pipe.
bool substitute_command(State& state, const Node* command, posix::String& output);

/// The letters of the options that are on, as $- has them.
posix::String option_letters(const State& state);

} // namespace shell
