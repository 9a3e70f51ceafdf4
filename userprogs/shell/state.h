// SPDX-License-Identifier: MIT
// The shell's execution environment: all that one command leaves to the next.  [POSIX "Shell Execution Environment"]
#pragma once

#include "posix/history.h"
#include "posix/output.h"
#include "shell/aliases.h"
#include "shell/functions.h"
#include "shell/jobs.h"
#include "shell/stack_guard.h"
#include "shell/traps.h"
#include "shell/variables.h"

#include <sys/types.h>

namespace shell {

/// The letters of set.
struct Options {
    bool all_export = false, no_clobber = false, exit_on_error = false, no_glob = false, monitor = false,
         no_execution = false, no_unset = false, verbose = false, trace = false;
};

/// What takes the place of the next command.
enum class Flow {
    None,
    Break, ///< out of `flow_count` loops
    Continue,
    Return, ///< from a function or a sourced file
    Abort,  ///< to the prompt; without one, out of the shell
    Exit,
};

/// What a function hides while it runs.
struct LocalVariable {
    posix::String name;
    bool existed;
    Variable before;
};

struct State {
    Variables variables;
    Functions functions;
    Aliases aliases;
    Options options;
    Jobs jobs;
    Traps traps;
    posix::History history;
    StackGuard stack;

    posix::String name;                      ///< $0
    posix::Vector<posix::String> positional; ///< $1 and so on
    posix::String place;                     ///< what is being read, for messages
    unsigned line = 0;

    int status = 0;              ///< $?
    int substitution_status = 0; ///< of the last $(...) of a command
    Flow flow = Flow::None;
    unsigned flow_count = 0;
    unsigned loop_depth = 0;
    unsigned function_depth = 0;
    unsigned tested = 0; ///< more than 0: a failure here is asked for, set -e does not count
    posix::Vector<LocalVariable> locals;
    Arena* arena = nullptr; ///< of the command that runs

    pid_t pid = 0;             ///< $$
    pid_t last_background = 0; ///< $!
    bool interactive = false;
    bool is_child = false; ///< a process of the shell's own, that executes a part of a command

    /// Writes "place: line N: parts...\n" to standard error.
    template <typename... Parts> void report(const Parts&... parts) const
    {
        posix::String text{place.view()};
        if (line > 0) {
            text.append(':').append_number(line);
        }
        text.append(": ");
        (text.append(posix::View{parts}), ...);
        posix::write_all(STDERR_FILENO, text.append('\n'));
    }

    /// The command cannot be finished: to the prompt with `status`, or out of the shell.
    void abort(int with_status)
    {
        status = with_status;
        flow = interactive && !is_child ? Flow::Abort : Flow::Exit;
    }

    bool going() const { return flow == Flow::None; }
};

} // namespace shell
