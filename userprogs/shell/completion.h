// SPDX-License-Identifier: MIT
// What Tab offers: names of commands where a command begins, else names of files.
#pragma once

#include "posix/line_editor.h"
#include "shell/state.h"

namespace shell {

/// A completer that knows the commands of `state`, which must outlive it.
posix::Completer make_completer(State& state);

} // namespace shell
