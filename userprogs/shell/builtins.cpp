// SPDX-License-Identifier: MIT
#include "shell/builtins.h"

#include <errno.h>
#include <stdlib.h>

namespace shell {

using posix::View;

namespace {

constexpr Builtin kBuiltins[] = {
    {".", true, false, builtin_dot},
    {":", true, false, builtin_true},
    {"[", false, false, builtin_test},
    {"alias", false, false, builtin_alias},
    {"bg", false, false, builtin_background},
    {"break", true, false, builtin_break},
    {"cd", false, false, builtin_cd},
    {"command", false, false, builtin_command},
    {"continue", true, false, builtin_break},
    {"echo", false, false, builtin_echo},
    {"eval", true, false, builtin_eval},
    {"exec", true, true, builtin_exec},
    {"exit", true, false, builtin_exit},
    {"export", true, false, builtin_export},
    {"false", false, false, builtin_false},
    {"fg", false, false, builtin_foreground},
    {"getopts", false, false, builtin_getopts},
    {"hash", false, false, builtin_hash},
    {"history", false, false, builtin_history},
    {"jobs", false, false, builtin_jobs},
    {"kill", false, false, builtin_kill},
    {"local", true, false, builtin_local},
    {"poweroff", false, false, builtin_poweroff},
    {"printf", false, false, builtin_printf},
    {"pwd", false, false, builtin_pwd},
    {"read", false, false, builtin_read},
    {"readonly", true, false, builtin_export},
    {"return", true, false, builtin_return},
    {"set", true, false, builtin_set},
    {"shift", true, false, builtin_shift},
    {"test", false, false, builtin_test},
    {"times", true, false, builtin_times},
    {"trap", true, false, builtin_trap},
    {"true", false, false, builtin_true},
    {"type", false, false, builtin_type},
    {"ulimit", false, false, builtin_ulimit},
    {"umask", false, false, builtin_umask},
    {"unalias", false, false, builtin_unalias},
    {"unset", true, false, builtin_unset},
    {"wait", false, false, builtin_wait},
};

} // namespace

const Builtin* find_builtin(View name)
{
    for (const Builtin& builtin : kBuiltins) {
        if (name == builtin.name) {
            return &builtin;
        }
    }
    return nullptr;
}

BuiltinList all_builtins()
{
    return {kBuiltins, sizeof kBuiltins / sizeof kBuiltins[0]};
}

int print(const State& state, View text)
{
    if (posix::write_all(STDOUT_FILENO, text)) {
        return 0;
    }
    const char* const why = strerror(errno);
    state.report("standard output cannot be written: ", why);
    return 1;
}

int complain(const State& state, const Arguments& arguments, View what, int status)
{
    state.report(arguments[0], ": ", what);
    return status;
}

int complain(const State& state, const Arguments& arguments, View object, View what, int status)
{
    state.report(arguments[0], ": ", object, ": ", what);
    return status;
}

bool read_number(View text, long least, long most, long& number)
{
    const posix::String copy{text};
    char* end = nullptr;
    errno = 0;
    number = strtol(copy.c_str(), &end, 10);
    return !text.empty() && end == copy.c_str() + copy.size() && errno == 0 && number >= least && number <= most;
}

} // namespace shell
