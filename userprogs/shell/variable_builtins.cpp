// SPDX-License-Identifier: MIT
// Builtins about variables and positional parameters.
#include "shell/builtins.h"
#include "shell/executor.h"

#include <limits.h>

namespace shell {

using posix::String;
using posix::View;

namespace {

int list_variables(const State& state, View command, bool exported)
{
    String output;
    for (const Variable* const variable : state.variables.sorted()) {
        if (exported ? variable->exported : variable->readonly) {
            output.append(command).append(' ').append(variable->name);
            if (variable->set) {
                output.append('=').append(quoted(variable->value));
            }
            output.append('\n');
        }
    }
    return print(state, output);
}

} // namespace

/// export [-p] [NAME[=VALUE]...], and readonly the same.
int builtin_export(State& state, Arguments& arguments)
{
    const bool exports = arguments[0] == "export";
    size_t first = 1;
    if (first < arguments.size() && (arguments[first] == "--" || arguments[first] == "-p")) {
        ++first;
    }
    if (first == arguments.size()) {
        return list_variables(state, arguments[0], exports);
    }
    for (size_t i = first; i < arguments.size(); ++i) {
        const View text = arguments[i];
        const size_t equals = text.find('=');
        const View name = text.first(equals);
        if (!posix::is_name(name)) {
            state.abort(2);
            return complain(state, arguments, name, "this is no name", 2);
        }
        if (equals != posix::kNowhere && !assign(state, name, text.from(equals + 1))) {
            return 2;
        }
        Variable& variable = state.variables.declare(name);
        (exports ? variable.exported : variable.readonly) = true;
    }
    return 0;
}

/// unset [-v | -f] NAME...
int builtin_unset(State& state, Arguments& arguments)
{
    bool functions = false;
    size_t first = 1;
    for (; first < arguments.size() && (arguments[first] == "-f" || arguments[first] == "-v"); ++first) {
        functions = arguments[first] == "-f";
    }
    for (size_t i = first; i < arguments.size(); ++i) {
        if (functions) {
            state.functions.remove(arguments[i]);
        } else if (!posix::is_name(arguments[i])) {
            state.abort(2);
            return complain(state, arguments, arguments[i], "this is no name", 2);
        } else if (!state.variables.unset(arguments[i])) {
            state.abort(2);
            return complain(state, arguments, arguments[i], "is read only", 2);
        }
    }
    return 0;
}

/// local NAME[=VALUE]...: until the function returns.
int builtin_local(State& state, Arguments& arguments)
{
    if (state.function_depth == 0) {
        state.abort(2);
        return complain(state, arguments, "not in a function", 2);
    }
    for (size_t i = 1; i < arguments.size(); ++i) {
        const View text = arguments[i];
        const size_t equals = text.find('=');
        const View name = text.first(equals);
        if (!posix::is_name(name)) {
            state.abort(2);
            return complain(state, arguments, name, "this is no name", 2);
        }
        if (!make_local(state, name) || (equals != posix::kNowhere && !assign(state, name, text.from(equals + 1)))) {
            return 2;
        }
    }
    return 0;
}

/// shift [N]
int builtin_shift(State& state, Arguments& arguments)
{
    long count = 1;
    if (arguments.size() > 1 && !read_number(arguments[1], 0, INT_MAX, count)) {
        state.abort(2);
        return complain(state, arguments, arguments[1], "this is no number", 2);
    }
    if (static_cast<size_t>(count) > state.positional.size()) {
        state.abort(2);
        return complain(state, arguments, "there are not so many parameters", 2);
    }
    state.positional.remove(0, static_cast<size_t>(count));
    return 0;
}

namespace {

/// Where getopts goes on: in the argument number OPTIND, behind `offset` of its letters.
struct Place {
    long index;
    size_t offset;
};

/// The place is kept as OPTIND=INDEX and, within an argument, in a variable that no name reaches.
constexpr View kOffsetName = "OPTIND offset";

Place load_place(const State& state)
{
    Place place{1, 0};
    long offset = 0;
    read_number(state.variables.value("OPTIND"), 1, INT_MAX, place.index);
    // The offset is of the OPTIND that it was stored for: a script that sets OPTIND begins a new round.
    const View stored = state.variables.value(kOffsetName);
    const size_t colon = stored.find(':');
    if (colon != posix::kNowhere && stored.first(colon) == state.variables.value("OPTIND") &&
        read_number(stored.from(colon + 1), 0, INT_MAX, offset)) {
        place.offset = static_cast<size_t>(offset);
    }
    return place;
}

void store_place(State& state, Place place)
{
    String index;
    index.append_number(place.index);
    state.variables.set("OPTIND", index);
    state.variables.set(kOffsetName, index.append(':').append_size(place.offset));
}

} // namespace

/// getopts LETTERS NAME [ARGUMENT...]
int builtin_getopts(State& state, Arguments& arguments)
{
    if (arguments.size() < 3) {
        return complain(state, arguments, "letters and a name are needed", 2);
    }
    const View letters = arguments[1];
    const bool silent = letters.starts_with(":");
    const posix::Vector<String>& parameters = arguments.size() > 3 ? arguments : state.positional;
    const size_t base = arguments.size() > 3 ? 2 : 0;
    Place place = load_place(state);
    const size_t at = base + static_cast<size_t>(place.index) - (base == 0 ? 1 : 0);
    const View argument = at < parameters.size() ? parameters[at].view() : View{};
    if (place.offset == 0 && (argument.size() < 2 || argument[0] != '-' || argument == "--")) {
        place.index += argument == "--" ? 1 : 0;
        store_place(state, place);
        state.variables.set(arguments[2], "?");
        return 1;
    }
    const size_t letter_at = place.offset == 0 ? 1 : place.offset;
    const char letter = letter_at < argument.size() ? argument[letter_at] : '?';
    const size_t found = letter == ':' ? posix::kNowhere : letters.find(letter);
    const bool takes_value = found != posix::kNowhere && letters.from(found + 1).starts_with(":");
    View value;
    bool has_value = false;
    if (takes_value && letter_at + 1 < argument.size()) {
        value = argument.from(letter_at + 1);
        has_value = true;
        place = {place.index + 1, 0};
    } else if (takes_value) {
        has_value = at + 1 < parameters.size();
        value = has_value ? parameters[at + 1].view() : View{};
        place = {place.index + (has_value ? 2 : 1), 0};
    } else if (letter_at + 1 < argument.size()) {
        place.offset = letter_at + 1;
    } else {
        place = {place.index + 1, 0};
    }
    const View letter_text{&letter, 1};
    const bool bad = found == posix::kNowhere || (takes_value && !has_value);
    if (bad && silent) {
        state.variables.set("OPTARG", letter_text);
    } else if (bad) {
        state.report(letter_text,
                     found == posix::kNowhere ? ": there is no such option" : ": this option needs a value");
        state.variables.unset("OPTARG");
    } else if (has_value) {
        state.variables.set("OPTARG", value);
    } else {
        state.variables.unset("OPTARG");
    }
    const bool names_letter = !bad;
    store_place(state, place);
    if (!assign(state, arguments[2],
                names_letter                         ? letter_text
                : found != posix::kNowhere && silent ? View{":"}
                                                     : View{"?"})) {
        return 2;
    }
    return 0;
}

} // namespace shell
