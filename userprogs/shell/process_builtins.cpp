// SPDX-License-Identifier: MIT
// Builtins about the process and its signals.
#include "shell/builtins.h"
#include "shell/executor.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/times.h>
#include <unistd.h>

namespace shell {

using posix::String;
using posix::View;

/// umask [OCTAL]
int builtin_umask(State& state, Arguments& arguments)
{
    if (arguments.size() == 1) {
        const mode_t mask = umask(0);
        umask(mask);
        String text;
        for (unsigned shift = 12; shift > 0;) {
            shift -= 3;
            text.append(static_cast<char>('0' + (mask >> shift & 7)));
        }
        return print(state, text.append('\n'));
    }
    mode_t mask = 0;
    for (const char c : arguments[1].view()) {
        if (c < '0' || c > '7' || mask > 0777) {
            return complain(state, arguments, arguments[1], "this is no octal mask", 2);
        }
        mask = mask * 8 + static_cast<mode_t>(c - '0');
    }
    umask(mask & 0777);
    return 0;
}

namespace {

struct Limit {
    char letter;
    int resource;
    rlim_t unit; ///< bytes or the like that one of ours is
};
constexpr Limit kLimits[] = {
    {'c', RLIMIT_CORE, 512},     {'d', RLIMIT_DATA, 1024}, {'f', RLIMIT_FSIZE, 512},
    {'l', RLIMIT_MEMLOCK, 1024}, {'n', RLIMIT_NOFILE, 1},  {'p', RLIMIT_NPROC, 1},
    {'s', RLIMIT_STACK, 1024},   {'t', RLIMIT_CPU, 1},     {'v', RLIMIT_AS, 1024},
};

} // namespace

/// ulimit [-HS] [-cdflnpstv] [NUMBER | unlimited]
int builtin_ulimit(State& state, Arguments& arguments)
{
    const Limit* limit = &kLimits[2];
    bool hard = true, soft = true;
    size_t first = 1;
    for (; first < arguments.size() && arguments[first].view().starts_with("-"); ++first) {
        for (const char letter : arguments[first].view().from(1)) {
            const Limit* found = nullptr;
            for (const Limit& known : kLimits) {
                found = known.letter == letter ? &known : found;
            }
            if (letter == 'H' || letter == 'S') {
                hard = letter == 'H';
                soft = letter == 'S';
            } else if (found != nullptr) {
                limit = found;
            } else {
                return complain(state, arguments, arguments[first], "there is no such limit", 2);
            }
        }
    }
    rlimit now{};
    if (getrlimit(limit->resource, &now) != 0) {
        const char* const why = strerror(errno);
        return complain(state, arguments, why);
    }
    if (first == arguments.size()) {
        const rlim_t value = soft ? now.rlim_cur : now.rlim_max;
        String text;
        if (value == RLIM_INFINITY) {
            text.append("unlimited");
        } else {
            text.append_size(value / limit->unit);
        }
        return print(state, text.append('\n'));
    }
    long number = 0;
    const bool unlimited = arguments[first] == "unlimited";
    if (!unlimited && !read_number(arguments[first], 0, LONG_MAX / 1024, number)) {
        return complain(state, arguments, arguments[first], "this is no limit", 2);
    }
    const rlim_t value = unlimited ? RLIM_INFINITY : static_cast<rlim_t>(number) * limit->unit;
    now.rlim_cur = soft ? value : now.rlim_cur;
    now.rlim_max = hard ? value : now.rlim_max;
    if (setrlimit(limit->resource, &now) != 0) {
        const char* const why = strerror(errno);
        return complain(state, arguments, why);
    }
    return 0;
}

/// times: user and system time of the shell, then of its children.
int builtin_times(State& state, Arguments&)
{
    tms spent{};
    times(&spent);
    const auto ticks = static_cast<clock_t>(sysconf(_SC_CLK_TCK));
    String text;
    const clock_t all[] = {spent.tms_utime, spent.tms_stime, spent.tms_cutime, spent.tms_cstime};
    for (size_t i = 0; i < 4; ++i) {
        const clock_t hundredths = all[i] * 100 / ticks;
        text.append_number(hundredths / 6000).append('m').append_number(hundredths / 100 % 60).append('.');
        text.append(hundredths % 100 < 10 ? "0" : "").append_number(hundredths % 100).append('s');
        text.append(i % 2 == 0 ? ' ' : '\n');
    }
    return print(state, text);
}

namespace {

/// kill -l [STATUS]
int list_signals(const State& state, const Arguments& arguments)
{
    String text;
    if (arguments.size() > 2) {
        long status = 0;
        const char* const name =
            read_number(arguments[2], 1, 255, status) ? signal_name(static_cast<int>(status & 0x7f)) : nullptr;
        if (name == nullptr) {
            return complain(state, arguments, arguments[2], "this is no signal", 2);
        }
        return print(state, text.append(name).append('\n'));
    }
    for (int signal = 1; signal < Traps::kSignals; ++signal) {
        if (const char* const name = signal_name(signal)) {
            text.append(name).append('\n');
        }
    }
    return print(state, text);
}

/// The process or the group that `text` names, for kill(2).
bool find_target(State& state, View text, pid_t& target)
{
    long number = 0;
    if (text.starts_with("%")) {
        const size_t index = state.jobs.find(text);
        if (index == posix::kNowhere) {
            return false;
        }
        const Job& job = state.jobs.all()[index];
        target = job.group > 0 ? -job.group : job.processes[0].pid;
        return true;
    }
    if (!read_number(text, INT_MIN, INT_MAX, number)) {
        return false;
    }
    target = static_cast<pid_t>(number);
    return true;
}

} // namespace

/// kill [-s NAME | -NAME | -NUMBER] TARGET..., kill -l
int builtin_kill(State& state, Arguments& arguments)
{
    int signal = SIGTERM;
    size_t first = 1;
    if (arguments.size() > 1 && arguments[1] == "-l") {
        return list_signals(state, arguments);
    }
    if (arguments.size() > 2 && arguments[1] == "-s") {
        signal = signal_number(arguments[2]);
        first = 3;
    } else if (arguments.size() > 1 && arguments[1].size() > 1 && arguments[1][0] == '-' &&
               arguments[1] != View{"--"}) {
        signal = signal_number(arguments[1].view().from(1));
        first = 2;
    }
    first += first < arguments.size() && arguments[first] == "--" ? 1U : 0U;
    if (signal < 0) {
        return complain(state, arguments, arguments[first - 1], "there is no such signal", 2);
    }
    if (first == arguments.size()) {
        return complain(state, arguments, "which process?", 2);
    }
    int status = 0;
    for (size_t i = first; i < arguments.size(); ++i) {
        pid_t target = 0;
        if (!find_target(state, arguments[i], target)) {
            status = complain(state, arguments, arguments[i], "there is no such process or job");
        } else if (kill(target, signal) != 0) {
            const char* const why = strerror(errno);
            status = complain(state, arguments, arguments[i], why);
        }
    }
    return status;
}

/// trap [ACTION SIGNAL...]
int builtin_trap(State& state, Arguments& arguments)
{
    if (arguments.size() > 1 && arguments[1] == "--") {
        arguments.remove(1);
    }
    if (arguments.size() == 1) {
        String text;
        for (int signal = 0; signal < Traps::kSignals; ++signal) {
            const char* const name = signal_name(signal);
            if (name != nullptr && (state.traps.action(signal) == Traps::Action::Command)) {
                text.append("trap -- ")
                    .append(quoted(state.traps.command(signal)))
                    .append(' ')
                    .append(name)
                    .append('\n');
            }
        }
        return print(state, text);
    }
    // trap SIGNAL...: as they were.
    const bool only_signals = arguments.size() == 2 || signal_number(arguments[1]) >= 0;
    const View action = only_signals ? View{"-"} : arguments[1].view();
    int status = 0;
    for (size_t i = only_signals ? 1 : 2; i < arguments.size(); ++i) {
        const int signal = signal_number(arguments[i]);
        if (signal < 0) {
            status = complain(state, arguments, arguments[i], "there is no such signal");
        } else {
            state.traps.set(signal,
                            action == "-"    ? Traps::Action::Default
                            : action.empty() ? Traps::Action::Ignore
                                             : Traps::Action::Command,
                            action);
        }
    }
    return status;
}

} // namespace shell
