// SPDX-License-Identifier: MIT
// Simple commands: assignments, then a function, a builtin or a program.  [POSIX "Simple Commands"]
#include "shell/builtins.h"
#include "shell/executor.h"
#include "shell/expansion.h"
#include "shell/processes.h"
#include "shell/redirections.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace shell {

using posix::String;
using posix::Vector;
using posix::View;

namespace {

/// `exported`: for the command alone.
bool assign_all(State& state, const Assignment* assignments, bool for_command)
{
    for (; assignments != nullptr; assignments = assignments->next) {
        String value;
        if (!expand_text(state, assignments->value, value, true)) {
            return false;
        }
        if (for_command && !make_local(state, assignments->name)) {
            return false;
        }
        if (!assign(state, assignments->name, value)) {
            return false;
        }
        if (for_command) {
            state.variables.declare(assignments->name).exported = true;
        }
        if (state.options.trace) {
            posix::write_all(STDERR_FILENO,
                             String{"+ "}.append(assignments->name).append('=').append(value).append('\n'));
        }
    }
    return true;
}

void trace(const State& state, const Vector<String>& arguments)
{
    if (!state.options.trace) {
        return;
    }
    String text;
    const Variable* const prefix = state.variables.find("PS4");
    text.append(prefix == nullptr ? View{"+ "} : prefix->value.view());
    for (size_t i = 0; i < arguments.size(); ++i) {
        text.append(i == 0 ? "" : " ").append(arguments[i]);
    }
    posix::write_all(STDERR_FILENO, text.append('\n'));
}

void call_function(State& state, const Functions::Function& function, Vector<String>& arguments)
{
    // The function may define itself anew while it runs.
    const ArenaReference reference{function.arena.get()};
    const Node* const body = function.body;
    Vector<String> positional{posix::move(state.positional)};
    arguments.remove(0);
    state.positional = posix::move(arguments);
    Arena* const arena = state.arena;
    const unsigned loop_depth = state.loop_depth;
    state.arena = reference.get();
    state.loop_depth = 0;
    ++state.function_depth;
    const size_t mark = state.locals.size();
    execute(state, body);
    end_scope(state, mark);
    --state.function_depth;
    state.loop_depth = loop_depth;
    state.arena = arena;
    state.positional = posix::move(positional);
    if (state.flow == Flow::Return) {
        state.flow = Flow::None;
    }
}

void run_builtin(State& state, const Builtin& builtin, Vector<String>& arguments, const Node* node)
{
    Redirections redirections{state};
    if (node != nullptr && !redirections.apply(node->redirections)) {
        state.status = state.going() ? 2 : state.status;
        if (builtin.is_special && state.going()) {
            state.abort(2);
        }
        return;
    }
    const int status = builtin.run(state, arguments);
    // Flow::Abort and the like have set the status.
    if (state.flow != Flow::Abort) {
        state.status = status;
    }
    if (builtin.keeps_redirections && state.status == 0) {
        redirections.keep();
    }
}

void run_program(State& state, Vector<String>& arguments, const Node* node, bool last)
{
    if (!last) {
        Job job;
        job.text.assign(node != nullptr && !node->text.empty() ? node->text : arguments[0].view());
        for (size_t i = 1; i < arguments.size(); ++i) {
            job.text.append(' ').append(arguments[i]);
        }
        const pid_t pid = start_process(state, job, true);
        if (pid != 0) {
            wait_for_job(state, pid, posix::move(job));
            return;
        }
    }
    Redirections redirections{state};
    if (node != nullptr && !redirections.apply(node->redirections)) {
        state.status = 2;
        finish(state);
    }
    state.status = become_program(state, arguments);
    finish(state);
}

} // namespace

void run_command(State& state, Vector<String>& arguments, const Node* node, bool last)
{
    if (const Builtin* const builtin = find_builtin(arguments[0])) {
        run_builtin(state, *builtin, arguments, node);
    } else {
        run_program(state, arguments, node, last);
    }
}

void run_simple(State& state, const Node& node, bool last)
{
    state.line = node.line;
    state.substitution_status = 0;
    Vector<String> arguments;
    if (!expand_fields(state, node.words, arguments)) {
        return;
    }
    if (arguments.empty()) {
        {
            Redirections redirections{state};
            if (!redirections.apply(node.redirections)) {
                state.status = state.going() ? 2 : state.status;
                return;
            }
        }
        if (assign_all(state, node.assignments, false)) {
            state.status = state.substitution_status;
        }
        return;
    }
    const Builtin* const builtin = find_builtin(arguments[0]);
    if (builtin != nullptr && builtin->is_special) {
        if (assign_all(state, node.assignments, false)) {
            trace(state, arguments);
            run_builtin(state, *builtin, arguments, &node);
        }
        return;
    }
    const size_t mark = state.locals.size();
    if (assign_all(state, node.assignments, true)) {
        trace(state, arguments);
        if (const Functions::Function* const function = state.functions.find(arguments[0])) {
            Redirections redirections{state};
            if (redirections.apply(node.redirections)) {
                call_function(state, *function, arguments);
            } else {
                state.status = state.going() ? 2 : state.status;
            }
        } else {
            run_command(state, arguments, &node, last);
        }
    }
    // A function's own variables, which local makes, stay.
    if (node.assignments != nullptr) {
        end_scope(state, mark);
    }
}

String find_program(const State& state, View name)
{
    if (name.contains('/')) {
        return String{name};
    }
    View path = state.variables.value("PATH");
    String found;
    for (;;) {
        const size_t colon = path.find(':');
        String candidate{path.first(colon)};
        candidate.append(candidate.empty() ? "" : "/").append(name);
        struct stat status{};
        if (stat(candidate.c_str(), &status) == 0 && S_ISREG(status.st_mode)) {
            if (access(candidate.c_str(), X_OK) == 0) {
                return candidate;
            }
            // It is no program, but the only one of its name: the error tells why.
            found = found.empty() ? posix::move(candidate) : posix::move(found);
        }
        if (colon == posix::kNowhere) {
            return found;
        }
        path = path.from(colon + 1);
    }
}

int become_program(State& state, Vector<String>& arguments)
{
    const String path = find_program(state, arguments[0]);
    if (path.empty()) {
        state.report(arguments[0], ": not found");
        return 127;
    }
    Vector<char*> argument_pointers;
    for (String& argument : arguments) {
        argument_pointers.append(const_cast<char*>(argument.c_str()));
    }
    argument_pointers.append(nullptr);
    execve(path.c_str(), argument_pointers.data(), state.variables.environment());
    const int why = errno;
    if (why == ENOEXEC && state.is_child) {
        // A file of commands without #!: this process reads it.
        const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
        if (fd >= 0) {
            run_script(state, fd, path, arguments);
            finish(state);
        }
    }
    const char* const message = strerror(why);
    state.report(arguments[0], ": ", why == ENOENT ? "not found" : message);
    return why == ENOENT || why == ENOTDIR ? 127 : 126;
}

} // namespace shell
