// SPDX-License-Identifier: MIT
// Builtins about commands.
#include "shell/builtins.h"
#include "shell/executor.h"
#include "shell/parser.h"

#include <unistd.h>

namespace shell {

using posix::String;
using posix::View;

namespace {

/// What `name` would run: a line for a person, or the short form of command -v; empty when there is nothing.
String description(const State& state, View name, bool for_person)
{
    String text;
    const auto say = [&](View what) {
        text.append(name).append(for_person ? what : View{}).append('\n');
        return posix::move(text);
    };
    if (const Aliases::Alias* const alias = state.aliases.find(name)) {
        return posix::move(text.append(for_person ? "" : "alias ")
                               .append(name)
                               .append(for_person ? " is an alias for " : "=")
                               .append(for_person ? alias->value.view() : quoted(alias->value).view())
                               .append('\n'));
    }
    if (is_reserved_word(name)) {
        return say(" is a shell keyword");
    }
    if (state.functions.find(name) != nullptr) {
        return say(" is a shell function");
    }
    if (const Builtin* const builtin = find_builtin(name)) {
        return say(builtin->is_special ? " is a special shell builtin" : " is a shell builtin");
    }
    const String path = find_program(state, name);
    if (!path.empty() && access(path.c_str(), X_OK) == 0) {
        return posix::move(
            text.append(for_person ? name : View{}).append(for_person ? " is " : "").append(path).append('\n'));
    }
    return text;
}

int describe_all(State& state, const Arguments& arguments, size_t first, bool for_person)
{
    int status = 0;
    for (size_t i = first; i < arguments.size(); ++i) {
        const String text = description(state, arguments[i], for_person);
        if (text.empty()) {
            if (for_person) {
                state.report(arguments[i], ": not found");
            }
            status = 127;
        } else if (print(state, text) != 0) {
            return 1;
        }
    }
    return status;
}

} // namespace

/// command [-v | -V] NAME [ARGUMENT...]: without functions of this name.
int builtin_command(State& state, Arguments& arguments)
{
    size_t first = 1;
    while (first < arguments.size() && (arguments[first] == "--" || arguments[first] == "-p")) {
        ++first;
    }
    if (first < arguments.size() && (arguments[first] == "-v" || arguments[first] == "-V")) {
        return describe_all(state, arguments, first + 1, arguments[first] == "-V");
    }
    arguments.remove(0, first);
    if (arguments.empty()) {
        return 0;
    }
    if (arguments[0] == "exec" && arguments.size() == 1) {
        return 0;
    }
    run_command(state, arguments, nullptr, false);
    return state.status;
}

int builtin_type(State& state, Arguments& arguments)
{
    return describe_all(state, arguments, 1, true);
}

/// alias [NAME[=VALUE]...]
int builtin_alias(State& state, Arguments& arguments)
{
    String output;
    const auto show = [&](const Aliases::Alias& alias) {
        output.append(alias.name).append('=').append(quoted(alias.value)).append('\n');
    };
    if (arguments.size() == 1) {
        for (const Aliases::Alias& alias : state.aliases.all()) {
            show(alias);
        }
    }
    int status = 0;
    for (size_t i = 1; i < arguments.size(); ++i) {
        const View text = arguments[i];
        const size_t equals = text.find('=');
        if (equals != posix::kNowhere && equals > 0) {
            state.aliases.set(text.first(equals), text.from(equals + 1));
        } else if (const Aliases::Alias* const alias = state.aliases.find(text)) {
            show(*alias);
        } else {
            status = complain(state, arguments, text, "not found");
        }
    }
    return print(state, output) != 0 ? 1 : status;
}

/// unalias -a | NAME...
int builtin_unalias(State& state, Arguments& arguments)
{
    int status = 0;
    for (size_t i = 1; i < arguments.size(); ++i) {
        if (arguments[i] == "-a") {
            state.aliases.clear();
        } else if (!state.aliases.remove(arguments[i])) {
            status = complain(state, arguments, arguments[i], "not found");
        }
    }
    return status;
}

/// hash: programs are looked for each time, so there is nothing to remember, or to forget.
int builtin_hash(State& state, Arguments& arguments)
{
    for (size_t i = 1; i < arguments.size(); ++i) {
        if (arguments[i] != "-r" && find_program(state, arguments[i]).empty()) {
            return complain(state, arguments, arguments[i], "not found");
        }
    }
    return 0;
}

/// history [-c]
int builtin_history(State& state, Arguments& arguments)
{
    if (arguments.size() > 1 && arguments[1] == "-c") {
        state.history.clear();
        return 0;
    }
    String output;
    for (size_t i = 0; i < state.history.size(); ++i) {
        String number;
        number.append_size(state.history.number(i));
        for (size_t blanks = number.size(); blanks < 5; ++blanks) {
            output.append(' ');
        }
        output.append(number).append("  ").append(state.history[i]).append('\n');
    }
    return print(state, output);
}

} // namespace shell
