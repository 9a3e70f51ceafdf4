// SPDX-License-Identifier: MIT
// Processes that execute a part of a command.
#pragma once

#include "posix/string.h"
#include "posix/vector.h"
#include "shell/state.h"

namespace shell {

/// Forks a member of `job`: 0 in the child, which has become a shell of its own for its part of the command; -1 after a
/// report.
pid_t start_process(State& state, Job& job, bool foreground);
/// After start_process in the parent: waits, sets the status, and aborts what runs at the prompt after ^C.
void wait_for_job(State& state, pid_t pid, Job job);

/// Runs the commands of the file `fd`, which it closes, with the arguments as positional parameters.
void run_script(State& state, int fd, posix::View path, posix::Vector<posix::String>& arguments);

} // namespace shell
