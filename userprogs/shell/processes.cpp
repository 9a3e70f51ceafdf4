// SPDX-License-Identifier: MIT
#include "shell/processes.h"

#include "shell/executor.h"
#include "shell/script.h"
#include "shell/substitution.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace shell {

using posix::String;
using posix::View;

namespace {

/// What a child of the shell is not: at a prompt, with jobs and traps.
void become_child(State& state, bool background, bool own_group)
{
    state.is_child = true;
    state.interactive = false;
    state.tested = 0;
    state.traps.enter_child(background);
    state.jobs.enter_child(own_group);
}

} // namespace

pid_t start_process(State& state, Job& job, bool foreground)
{
    const SignalBlock block;
    const pid_t pid = fork();
    if (pid < 0) {
        const char* const why = strerror(errno);
        state.report("no process can be made: ", why);
        return -1;
    }
    state.jobs.join(job, pid, foreground);
    if (pid == 0) {
        const bool own_group = state.jobs.controls_terminal();
        become_child(state, !foreground && !own_group, own_group);
    }
    return pid;
}

void wait_for_job(State& state, pid_t pid, Job job)
{
    if (pid < 0) {
        state.status = 2;
        return;
    }
    bool interrupted = false;
    state.status = state.jobs.wait_foreground(posix::move(job), interrupted);
    const int signal = state.status - 128;
    if (signal > 0 && signal < Traps::kSignals && !interrupted && signal != SIGPIPE && state.jobs.was_killed()) {
        posix::write_all(STDERR_FILENO, String{View{strsignal(signal)}}.append('\n'));
    }
    if (interrupted && state.interactive && state.going()) {
        state.abort(state.status);
    }
}

void run_subshell(State& state, const Node& node, bool last)
{
    if (!last || state.traps.action(0) == Traps::Action::Command) {
        Job job;
        job.text.assign(node.text.empty() ? View{"( ... )"} : node.text);
        const pid_t pid = start_process(state, job, true);
        if (pid != 0) {
            wait_for_job(state, pid, posix::move(job));
            return;
        }
    }
    execute(state, node.body, true);
    finish(state);
}

void run_pipeline(State& state, const Node& node, bool last)
{
    if (node.children->next == nullptr) {
        ++state.tested;
        execute(state, node.children);
        --state.tested;
    } else {
        Job job;
        job.text.assign(node.text);
        int input = -1;
        pid_t pid = 0;
        for (const Node* child = node.children; child != nullptr; child = child->next) {
            int ends[2] = {-1, -1};
            if (child->next != nullptr && pipe2(ends, O_CLOEXEC) != 0) {
                const char* const why = strerror(errno);
                state.report("no pipe can be made: ", why);
                pid = -1;
            } else {
                pid = start_process(state, job, true);
            }
            if (pid == 0) {
                if (input >= 0) {
                    dup2(input, STDIN_FILENO);
                }
                if (ends[1] >= 0) {
                    dup2(ends[1], STDOUT_FILENO);
                }
                // A descriptor that stands in the place of 0 or 1 itself is not duplicated, and must stay open.
                const int pipes[] = {input, ends[0], ends[1]};
                for (const int fd : pipes) {
                    if (fd > STDOUT_FILENO) {
                        close(fd);
                    } else if (fd >= 0) {
                        fcntl(fd, F_SETFD, 0);
                    }
                }
                execute(state, child, true);
                finish(state);
            }
            const int given[] = {input, ends[1]};
            for (const int fd : given) {
                if (fd >= 0) {
                    close(fd);
                }
            }
            input = ends[0];
            if (pid < 0) {
                break;
            }
        }
        if (input >= 0) {
            close(input);
        }
        // Those that have been started end by themselves: their neighbour's end of the pipe is closed.
        if (!job.processes.empty()) {
            wait_for_job(state, 1, posix::move(job));
        }
        if (pid < 0) {
            state.status = 2;
        }
    }
    if (node.negated && state.going()) {
        state.status = state.status == 0 ? 1 : 0;
    }
    if (last) {
        finish(state);
    }
}

void run_background(State& state, const Node& node)
{
    Job job;
    job.text.assign(node.text);
    job.background = true;
    const pid_t pid = start_process(state, job, false);
    if (pid < 0) {
        state.status = 2;
        return;
    }
    if (pid == 0) {
        if (!state.options.monitor) {
            const int null = open("/dev/null", O_RDONLY);
            if (null > 0) {
                dup2(null, STDIN_FILENO);
                close(null);
            }
        }
        execute(state, &node, true);
        finish(state);
    }
    state.last_background = pid;
    const Job& added = state.jobs.add(posix::move(job));
    if (state.interactive) {
        posix::write_all(STDERR_FILENO,
                         String{"["}.append_number(added.number).append("] ").append_number(pid).append('\n'));
    }
    state.status = 0;
}

bool substitute_command(State& state, const Node* command, String& output)
{
    state.substitution_status = 0;
    if (command == nullptr) {
        return true;
    }
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) {
        const char* const why = strerror(errno);
        state.report("no pipe can be made: ", why);
        state.abort(2);
        return false;
    }
    // It stays in the shell's own group: ^C is for both, and ^Z for none.
    pid_t pid = 0;
    {
        const SignalBlock block;
        pid = fork();
        if (pid == 0) {
            become_child(state, false, false);
        }
    }
    if (pid == 0) {
        close(ends[0]);
        if (ends[1] != STDOUT_FILENO) {
            dup2(ends[1], STDOUT_FILENO);
            close(ends[1]);
        } else {
            fcntl(ends[1], F_SETFD, 0);
        }
        execute(state, command, true);
        finish(state);
    }
    close(ends[1]);
    char bytes[4096];
    ssize_t count = 0;
    while (pid > 0 && ((count = read(ends[0], bytes, sizeof bytes)) > 0 || (count < 0 && errno == EINTR))) {
        for (ssize_t i = 0; i < count; ++i) {
            if (bytes[i] != '\0') {
                output.append(bytes[i]);
            }
        }
    }
    close(ends[0]);
    if (pid < 0) {
        state.report("no process can be made");
        state.abort(2);
        return false;
    }
    int wait_status = 0;
    while (waitpid(pid, &wait_status, 0) < 0 && errno == EINTR) {
    }
    state.substitution_status = exit_status(wait_status);
    while (!output.empty() && output.back() == '\n') {
        output.truncate(output.size() - 1);
    }
    return true;
}

void run_script(State& state, int fd, View path, posix::Vector<String>& arguments)
{
    state.name.assign(arguments[0]);
    state.place.assign(path);
    state.positional.clear();
    for (size_t i = 1; i < arguments.size(); ++i) {
        state.positional.append(String{arguments[i].view()});
    }
    run_file(state, fd);
}

} // namespace shell
