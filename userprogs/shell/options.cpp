// SPDX-License-Identifier: MIT
// set, and the options that it sets.
#include "shell/builtins.h"
#include "shell/executor.h"
#include "shell/substitution.h"

namespace shell {

using posix::String;
using posix::View;

namespace {

struct Option {
    char letter;
    const char* name;
    bool Options::* flag;
};
constexpr Option kOptions[] = {
    {'a', "allexport", &Options::all_export},  {'C', "noclobber", &Options::no_clobber},
    {'e', "errexit", &Options::exit_on_error}, {'f', "noglob", &Options::no_glob},
    {'m', "monitor", &Options::monitor},       {'n', "noexec", &Options::no_execution},
    {'u', "nounset", &Options::no_unset},      {'v', "verbose", &Options::verbose},
    {'x', "xtrace", &Options::trace},
};

const Option* find_option(char letter, View name)
{
    for (const Option& option : kOptions) {
        if (name.empty() ? option.letter == letter : name == option.name) {
            return &option;
        }
    }
    return nullptr;
}

int list_options(const State& state, bool as_commands)
{
    String output;
    for (const Option& option : kOptions) {
        const bool on = state.options.*option.flag;
        if (as_commands) {
            output.append(on ? "set -o " : "set +o ").append(option.name).append('\n');
        } else {
            output.append(option.name);
            for (size_t width = View{option.name}.size(); width < 16; ++width) {
                output.append(' ');
            }
            output.append(on ? "on\n" : "off\n");
        }
    }
    return print(state, output);
}

} // namespace

String option_letters(const State& state)
{
    String letters;
    for (const Option& option : kOptions) {
        if (state.options.*option.flag) {
            letters.append(option.letter);
        }
    }
    return posix::move(letters.append(state.interactive ? "i" : ""));
}

bool take_options(State& state, const Arguments& arguments, size_t& index, bool& ended)
{
    ended = false;
    for (; index < arguments.size(); ++index) {
        const View text = arguments[index];
        if (text == "--" || text == "-") {
            ended = true;
            ++index;
            return true;
        }
        if (text.size() < 2 || (text[0] != '-' && text[0] != '+')) {
            return true;
        }
        const bool on = text[0] == '-';
        for (const char letter : text.from(1)) {
            View name;
            if (letter == 'o') {
                if (index + 1 == arguments.size()) {
                    list_options(state, !on);
                    return true;
                }
                name = arguments[++index];
            }
            const Option* const option = find_option(letter, name);
            if (option == nullptr) {
                state.report(text, ": there is no such option");
                return false;
            }
            state.options.*option->flag = on;
        }
    }
    return true;
}

/// set [OPTION...] [--] [PARAMETER...]
int builtin_set(State& state, Arguments& arguments)
{
    if (arguments.size() == 1) {
        String output;
        for (const Variable* const variable : state.variables.sorted()) {
            if (variable->set && posix::is_name(variable->name)) {
                output.append(variable->name).append('=').append(quoted(variable->value)).append('\n');
            }
        }
        return print(state, output);
    }
    size_t index = 1;
    bool ended = false;
    if (!take_options(state, arguments, index, ended)) {
        state.abort(2);
        return 2;
    }
    if (ended || index < arguments.size()) {
        state.positional.clear();
        for (; index < arguments.size(); ++index) {
            state.positional.append(String{arguments[index].view()});
        }
    }
    return 0;
}

} // namespace shell
