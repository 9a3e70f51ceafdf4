// SPDX-License-Identifier: MIT
// Runs the tree of a command.  The status of what has run is State::status; what then happens instead of the next
// command is State::flow.  [POSIX "Shell Commands"]
#pragma once

#include "posix/string.h"
#include "posix/vector.h"
#include "shell/source.h"
#include "shell/state.h"
#include "shell/syntax.h"

namespace shell {

/// Runs `node`.  `last`: this process has nothing to do afterwards, and may become the command.
void execute(State& state, const Node* node, bool last = false);

/// Parses and runs all of `source`, command by command.  A command that means nothing ends it, with status 2; at a
/// prompt only its line.
void run_source(State& state, Source& source, bool at_prompt = false);
/// The same for `text`, as eval does.
void run_text(State& state, posix::View text);
/// Runs the commands of the traps whose signals have come.
void run_traps(State& state);

/// Ends the process with State::status, after the trap of EXIT.
[[noreturn]] void finish(State& state);

// The kinds of commands, each in a file of its own.
void run_simple(State& state, const Node& node, bool last);   // simple_command.cpp
void run_pipeline(State& state, const Node& node, bool last); // processes.cpp
void run_subshell(State& state, const Node& node, bool last); // processes.cpp
void run_background(State& state, const Node& node);          // processes.cpp

/// Runs builtins and programs but no functions.  `arguments` has at least the name.
void run_command(State& state, posix::Vector<posix::String>& arguments, const Node* node, bool last);
/// Becomes the program `arguments`; comes back only if that fails, after saying why, with the status for it.
int become_program(State& state, posix::Vector<posix::String>& arguments);
/// The path of the program `name` by PATH, empty when there is none.
posix::String find_program(const State& state, posix::View name);

/// The current value of `name` is hidden until the scope that begins at `mark` of State::locals ends.
bool make_local(State& state, posix::View name);
void end_scope(State& state, size_t mark);

/// Sets a variable, or says that it is read-only and aborts.
bool assign(State& state, posix::View name, posix::View value);

/// 'text', so that the shell reads it back as it is.
posix::String quoted(posix::View text);

} // namespace shell
