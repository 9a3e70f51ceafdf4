// SPDX-License-Identifier: MIT
// Builtins that decide what is executed next.
#include "shell/builtins.h"
#include "shell/executor.h"
#include "shell/script.h"

#include <errno.h>
#include <limits.h>
#include <sys/reboot.h>
#include <unistd.h>

namespace shell {

using posix::String;
using posix::View;

int builtin_true(State&, Arguments&)
{
    return 0;
}
int builtin_false(State&, Arguments&)
{
    return 1;
}

/// break [N], continue [N]: N loops, at most as many as there are.
int builtin_break(State& state, Arguments& arguments)
{
    long count = 1;
    if (arguments.size() > 1 && !read_number(arguments[1], 1, INT_MAX, count)) {
        state.abort(2);
        return complain(state, arguments, arguments[1], "this is no number of loops", 2);
    }
    if (state.loop_depth > 0) {
        state.flow = arguments[0] == "break" ? Flow::Break : Flow::Continue;
        state.flow_count = posix::smaller(static_cast<unsigned>(count), state.loop_depth);
    }
    return 0;
}

namespace {

/// The status that arguments[1] is; without one, that of the command before.
bool take_status(State& state, const Arguments& arguments, int& status)
{
    long number = state.status;
    if (arguments.size() > 1 && !read_number(arguments[1], 0, INT_MAX, number)) {
        state.abort(2);
        complain(state, arguments, arguments[1], "this is no status");
        return false;
    }
    status = static_cast<int>(number & 0xff);
    return true;
}

} // namespace

int builtin_return(State& state, Arguments& arguments)
{
    int status = 2;
    if (take_status(state, arguments, status)) {
        state.flow = Flow::Return;
    }
    return status;
}

int builtin_exit(State& state, Arguments& arguments)
{
    int status = 2;
    if (take_status(state, arguments, status)) {
        state.flow = Flow::Exit;
    }
    return status;
}

int builtin_eval(State& state, Arguments& arguments)
{
    String text;
    for (size_t i = 1; i < arguments.size(); ++i) {
        text.append(i == 1 ? "" : " ").append(arguments[i]);
    }
    state.status = 0;
    run_text(state, text);
    return state.status;
}

/// . FILE: its commands, in this shell.
int builtin_dot(State& state, Arguments& arguments)
{
    if (arguments.size() < 2) {
        state.abort(2);
        return complain(state, arguments, "which file?", 2);
    }
    String path{arguments[1].view()};
    if (!path.view().contains('/')) {
        View rest = state.variables.value("PATH");
        for (bool more = true; more;) {
            const size_t colon = rest.find(':');
            String candidate{rest.first(colon)};
            candidate.append(candidate.empty() ? "" : "/").append(arguments[1]);
            if (access(candidate.c_str(), R_OK) == 0) {
                path = posix::move(candidate);
                break;
            }
            more = colon != posix::kNowhere;
            rest = rest.from(colon + 1);
        }
    }
    state.status = 0;
    if (!source_file(state, path)) {
        const char* const why = strerror(errno);
        state.abort(2);
        return complain(state, arguments, arguments[1], why, 2);
    }
    if (state.flow == Flow::Return) {
        state.flow = Flow::None;
    }
    return state.status;
}

/// exec [PROGRAM ARGUMENT...]: without a program, the redirections stay.
int builtin_exec(State& state, Arguments& arguments)
{
    arguments.remove(0);
    if (arguments.empty()) {
        return 0;
    }
    if (find_program(state, arguments[0]).empty()) {
        state.abort(127);
        state.report(arguments[0], ": not found");
        return 127;
    }
    // The program has the signals as the shell found them; a shell that has given them up does not come back.
    state.traps.enter_child(false);
    state.jobs.enter_child(true);
    state.status = become_program(state, arguments);
    finish(state);
}

/// poweroff: all is written, then the machine goes off.  [reboot(2)]
int builtin_poweroff(State& state, Arguments& arguments)
{
    sync();
    reboot(RB_POWER_OFF);
    const char* const why = strerror(errno);
    return complain(state, arguments, why);
}

} // namespace shell
