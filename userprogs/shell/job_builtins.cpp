// SPDX-License-Identifier: MIT
// jobs, fg, bg and wait.
#include "shell/builtins.h"
#include "shell/executor.h"

#include <sys/wait.h>

namespace shell {

using posix::String;
using posix::View;

namespace {

/// "[1]+  Stopped   sleep 5"
void append_job(const Jobs& jobs, const Job& job, size_t index, bool with_group, String& text)
{
    const String state = describe(job);
    text.append('[').append_number(job.number).append(']').append(jobs.mark(index)).append("  ");
    if (with_group) {
        text.append_number(job.group > 0 ? job.group : job.processes[0].pid).append(' ');
    }
    text.append(state);
    for (size_t width = state.size(); width < 24; ++width) {
        text.append(' ');
    }
    text.append(job.text).append('\n');
}

void forget_ended(Jobs& jobs)
{
    for (size_t i = jobs.all().size(); i-- > 0;) {
        if (jobs.all()[i].state() == Process::State::Ended && !jobs.all()[i].changed) {
            jobs.remove(i);
        }
    }
}

/// The job that arguments[1] names, or the current one.
bool take_job(State& state, const Arguments& arguments, size_t& index)
{
    if (!state.jobs.controls_terminal()) {
        complain(state, arguments, "there is no job control");
        return false;
    }
    index = state.jobs.find(arguments.size() > 1 ? arguments[1].view() : View{"%+"});
    if (index == posix::kNowhere) {
        complain(state, arguments, "there is no such job");
        return false;
    }
    return true;
}

} // namespace

void tell_jobs(State& state)
{
    state.jobs.poll();
    String text;
    for (size_t i = 0; i < state.jobs.all().size(); ++i) {
        Job& job = state.jobs.all()[i];
        if (job.changed) {
            append_job(state.jobs, job, i, false, text);
            job.changed = false;
        }
    }
    posix::write_all(STDERR_FILENO, text);
    forget_ended(state.jobs);
}

/// jobs [-l | -p] [JOB...]: of the two options the last one decides; without a JOB, all are told.
int builtin_jobs(State& state, Arguments& arguments)
{
    state.jobs.poll();
    char form = '\0';
    size_t first = 1;
    for (; first < arguments.size() && arguments[first].view().starts_with("-") && arguments[first].size() > 1;
         ++first) {
        if (arguments[first] == "--") {
            ++first;
            break;
        }
        for (const char option : arguments[first].view().from(1)) {
            if (option != 'l' && option != 'p') {
                return complain(state, arguments, arguments[first], "there is no such option", 2);
            }
            form = option;
        }
    }
    String text;
    const auto tell = [&](size_t index) {
        Job& job = state.jobs.all()[index];
        if (form == 'p') {
            text.append_number(job.group > 0 ? job.group : job.processes[0].pid).append('\n');
        } else {
            append_job(state.jobs, job, index, form == 'l', text);
            job.changed = false;
        }
    };
    int status = 0;
    for (size_t i = 0; first == arguments.size() && i < state.jobs.all().size(); ++i) {
        tell(i);
    }
    for (; first < arguments.size() && status == 0; ++first) {
        const size_t index = state.jobs.find(arguments[first]);
        if (index == posix::kNowhere) {
            status = complain(state, arguments, arguments[first], "there is no such job", 2);
        } else {
            tell(index);
        }
    }
    forget_ended(state.jobs);
    const int printed = print(state, text);
    return status != 0 ? status : printed;
}

/// fg [JOB]
int builtin_foreground(State& state, Arguments& arguments)
{
    size_t index = 0;
    if (!take_job(state, arguments, index)) {
        return 1;
    }
    print(state, String{state.jobs.all()[index].text.view()}.append('\n'));
    bool interrupted = false;
    const int status = state.jobs.resume_foreground(index, interrupted);
    if (interrupted) {
        state.abort(status);
    }
    return status;
}

/// bg [JOB]
int builtin_background(State& state, Arguments& arguments)
{
    size_t index = 0;
    if (!take_job(state, arguments, index)) {
        return 1;
    }
    if (!state.jobs.resume_background(index)) {
        return complain(state, arguments, "it has ended");
    }
    const Job& job = state.jobs.all()[index];
    return print(state, String{"["}.append_number(job.number).append("] ").append(job.text).append('\n'));
}

/// wait [JOB | PROCESS]...: without one, for all.  A signal with a trap ends the waiting.
int builtin_wait(State& state, Arguments& arguments)
{
    const auto wait_for = [&](size_t index, int& status) {
        const SignalSleep sleep;
        while (state.jobs.poll() && state.jobs.all()[index].state() != Process::State::Ended) {
            const int signal = state.traps.pending();
            if (signal != 0) {
                status = 128 + signal;
                return false;
            }
            sleep.wait();
        }
        status = state.jobs.all()[index].status();
        state.jobs.remove(index);
        return true;
    };
    int status = 0;
    if (arguments.size() == 1) {
        while (!state.jobs.all().empty()) {
            size_t index = 0;
            while (index < state.jobs.all().size() && state.jobs.all()[index].state() == Process::State::Stopped) {
                ++index;
            }
            if (index == state.jobs.all().size()) {
                break;
            }
            if (!wait_for(index, status)) {
                return status;
            }
        }
        return 0;
    }
    for (size_t i = 1; i < arguments.size(); ++i) {
        const size_t index = state.jobs.find(arguments[i]);
        if (index == posix::kNowhere) {
            status = 127;
        } else if (!wait_for(index, status)) {
            return status;
        }
    }
    return status;
}

} // namespace shell
