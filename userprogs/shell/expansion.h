// SPDX-License-Identifier: MIT
// Words to the fields that a command gets: tilde, parameters, commands, arithmetic, then splitting, then file names.
// Each of these fails only after it has said why and set State::flow.  [POSIX "Word Expansions"]
#pragma once

#include "shell/fields.h"
#include "shell/state.h"
#include "shell/syntax.h"

namespace shell {

/// Appends the fields of each word of the list `words`.
bool expand_fields(State& state, const Word* words, posix::Vector<posix::String>& fields);
/// Neither splits nor looks for files: assignments, redirections, case.  `assignment`: a ~ may stand behind a colon.
bool expand_text(State& state, const Word* word, posix::String& text, bool assignment = false);
/// As a pattern, in which what is quoted stands for itself.
bool expand_pattern(State& state, const Word* word, posix::String& pattern);

/// Whether all of `text` matches `pattern`.
bool matches(posix::View pattern, posix::View text);

/// What $name is: its value, or false when it has none.  "@" and "*" are not asked here.
bool parameter_value(const State& state, posix::View name, posix::String& value);

} // namespace shell
