// SPDX-License-Identifier: MIT
// The commands that the shell executes itself.  [POSIX "Special Built-In Utilities", "Utilities"]
#pragma once

#include "posix/string.h"
#include "posix/vector.h"
#include "shell/state.h"

namespace shell {

using Arguments = posix::Vector<posix::String>;

struct Builtin {
    const char* name;
    bool is_special;         ///< a mistake in it ends a shell that is not interactive, and assignments before it stay
    bool keeps_redirections; ///< exec
    /// arguments[0] is the name.  Gives the status.
    int (*run)(State& state, Arguments& arguments);
};

/// Null when there is none of this name.
const Builtin* find_builtin(posix::View name);

struct BuiltinList {
    const Builtin* first;
    size_t count;
};
BuiltinList all_builtins();

/// Writes to standard output; a status of 1 and a report when that fails.
int print(const State& state, posix::View text);
/// Reports "name: what" and gives `status`.
int complain(const State& state, const Arguments& arguments, posix::View what, int status = 1);
int complain(const State& state, const Arguments& arguments, posix::View object, posix::View what, int status = 1);
/// The number that `text` is, from `least` to `most`; false when it is none.
bool read_number(posix::View text, long least, long most, long& number);

// flow_builtins.cpp
int builtin_true(State& state, Arguments& arguments);
int builtin_false(State& state, Arguments& arguments);
int builtin_break(State& state, Arguments& arguments);
int builtin_return(State& state, Arguments& arguments);
int builtin_exit(State& state, Arguments& arguments);
int builtin_eval(State& state, Arguments& arguments);
int builtin_dot(State& state, Arguments& arguments);
int builtin_exec(State& state, Arguments& arguments);
int builtin_poweroff(State& state, Arguments& arguments);
// command_builtins.cpp
int builtin_command(State& state, Arguments& arguments);
int builtin_type(State& state, Arguments& arguments);
int builtin_alias(State& state, Arguments& arguments);
int builtin_unalias(State& state, Arguments& arguments);
int builtin_hash(State& state, Arguments& arguments);
int builtin_history(State& state, Arguments& arguments);
// variable_builtins.cpp
int builtin_export(State& state, Arguments& arguments);
int builtin_unset(State& state, Arguments& arguments);
int builtin_local(State& state, Arguments& arguments);
int builtin_shift(State& state, Arguments& arguments);
int builtin_getopts(State& state, Arguments& arguments);
// options.cpp
int builtin_set(State& state, Arguments& arguments);
/// Takes the options at the beginning of `arguments` from `index` on; false after a report.  `index` is then the first
/// operand; `ended`: -- or - stood before it.
bool take_options(State& state, const Arguments& arguments, size_t& index, bool& ended);
// read_builtin.cpp, echo_builtin.cpp, printf_builtin.cpp, test_builtin.cpp
int builtin_read(State& state, Arguments& arguments);
int builtin_echo(State& state, Arguments& arguments);
int builtin_printf(State& state, Arguments& arguments);
int builtin_test(State& state, Arguments& arguments);
// directory_builtins.cpp
int builtin_cd(State& state, Arguments& arguments);
int builtin_pwd(State& state, Arguments& arguments);
/// Sets PWD to where the shell is, and keeps the one of the environment if it is right.
void set_initial_directory(State& state);
// process_builtins.cpp
int builtin_umask(State& state, Arguments& arguments);
int builtin_ulimit(State& state, Arguments& arguments);
int builtin_times(State& state, Arguments& arguments);
int builtin_kill(State& state, Arguments& arguments);
int builtin_trap(State& state, Arguments& arguments);
// job_builtins.cpp
int builtin_jobs(State& state, Arguments& arguments);
int builtin_foreground(State& state, Arguments& arguments);
int builtin_background(State& state, Arguments& arguments);
int builtin_wait(State& state, Arguments& arguments);
/// Tells what has become of the jobs in the background, and forgets those that have ended.
void tell_jobs(State& state);

/// Appends `text` with its escapes (\n, \t, \0ooo, ...) replaced; false at \c, behind which nothing is written.
/// `zero_octal`: an octal number begins with \0, as in echo and %b; else with \, as in the format of printf.
bool append_escaped(posix::String& output, posix::View text, bool zero_octal);

} // namespace shell
