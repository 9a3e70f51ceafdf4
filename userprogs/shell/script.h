// SPDX-License-Identifier: MIT
// Commands from a file.
#pragma once

#include "posix/view.h"
#include "shell/state.h"

namespace shell {

/// Runs the commands of the open file `fd` and closes it.
void run_file(State& state, int fd);
/// Runs the commands of standard input.  What follows a line is not read before that line is done, as it may be meant
/// for its commands.
void run_standard_input(State& state);
/// As run_file for the file `path`, messages naming it; false when it cannot be opened, and errno says why.
bool source_file(State& state, posix::View path);

} // namespace shell
