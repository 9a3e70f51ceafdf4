// SPDX-License-Identifier: MIT
#include "shell/expansion.h"

#include "shell/arithmetic.h"
#include "shell/substitution.h"

#include <fnmatch.h>
#include <glob.h>
#include <pwd.h>

namespace shell {

using posix::String;
using posix::View;

bool matches(View pattern, View text)
{
    return fnmatch(String{pattern}.c_str(), String{text}.c_str(), 0) == 0;
}

bool parameter_value(const State& state, View name, String& value)
{
    if (posix::is_digit(name[0])) {
        size_t index = 0;
        for (const char digit : name) {
            index = index < 1'000'000 ? index * 10 + static_cast<size_t>(digit - '0') : index;
        }
        if (index > state.positional.size()) {
            return false;
        }
        value.append(index == 0 ? state.name.view() : state.positional[index - 1].view());
        return true;
    }
    if (name == "?") {
        value.append_number(state.status);
    } else if (name == "$") {
        value.append_number(state.pid);
    } else if (name == "#") {
        value.append_size(state.positional.size());
    } else if (name == "!") {
        if (state.last_background == 0) {
            return false;
        }
        value.append_number(state.last_background);
    } else if (name == "-") {
        value.append(option_letters(state));
    } else if (name == "LINENO") {
        value.append_number(state.line);
    } else {
        const Variable* const variable = state.variables.find(name);
        if (variable == nullptr || !variable->set) {
            return false;
        }
        value.append(variable->value);
    }
    return true;
}

namespace {

View separators(const State& state)
{
    const Variable* const variable = state.variables.find("IFS");
    return variable == nullptr || !variable->set ? View{" \t\n"} : variable->value.view();
}

class Expander {
public:
    Expander(State& state, Fields& fields, bool split) : state_{state}, fields_{fields}, split_{split} {}

    bool word(const Word* word, bool assignment, bool in_expansion = false)
    {
        bool first = true;
        for (const Part* part = word == nullptr ? nullptr : word->parts; part != nullptr; part = part->next) {
            if (!this->part(*part, first, assignment, in_expansion)) {
                return false;
            }
            first = false;
        }
        return true;
    }

private:
    bool part(const Part& part, bool first, bool assignment, bool in_expansion)
    {
        switch (part.kind) {
        case Part::Kind::Text: text(part, first, assignment, in_expansion); return true;
        case Part::Kind::Parameter: return parameter(part);
        case Part::Kind::Command: {
            String output;
            if (!substitute_command(state_, part.command, output)) {
                return false;
            }
            put(output, part.quoted);
            return true;
        }
        case Part::Kind::Arithmetic: return arithmetic(part);
        }
        return true;
    }

    /// What an expansion has given.
    void put(View text, bool quoted)
    {
        if (quoted) {
            fields_.append_quoted(text);
        } else if (split_) {
            fields_.append_split(text);
        } else {
            fields_.append_plain(text);
        }
    }

    void text(const Part& part, bool first, bool assignment, bool in_expansion)
    {
        if (part.quoted) {
            fields_.append_quoted(part.text);
            return;
        }
        View rest = part.text;
        if (first) {
            rest = tilde(rest, part.next == nullptr, assignment);
        }
        while (assignment && !rest.empty()) {
            const size_t colon = rest.find(':');
            if (colon == posix::kNowhere) {
                break;
            }
            plain(rest.first(colon + 1), in_expansion);
            rest = tilde(rest.from(colon + 1), part.next == nullptr, true);
        }
        plain(rest, in_expansion);
    }

    void plain(View text, bool in_expansion)
    {
        if (in_expansion && split_) {
            fields_.append_split(text);
        } else {
            fields_.append_plain(text);
        }
    }

    /// Expands ~ or ~name at the beginning of `text`, and gives what follows it.
    View tilde(View text, bool is_last, bool assignment)
    {
        if (!text.starts_with("~")) {
            return text;
        }
        size_t end = text.find('/');
        end = assignment ? posix::smaller(end, text.find(':')) : end;
        if (end == posix::kNowhere && !is_last) {
            return text; // a quote or an expansion belongs to the name
        }
        const View name = text.first(end).from(1);
        if (name.empty()) {
            const Variable* const home = state_.variables.find("HOME");
            if (home == nullptr || !home->set) {
                return text;
            }
            fields_.append_quoted(home->value);
        } else {
            const passwd* const user = getpwnam(String{name}.c_str());
            if (user == nullptr) {
                return text;
            }
            fields_.append_quoted(user->pw_dir);
        }
        return text.from(1 + name.size());
    }

    bool arithmetic(const Part& part)
    {
        String expression;
        if (!expand_text(state_, part.word, expression)) {
            return false;
        }
        const ArithmeticResult result = calculate(state_, expression);
        if (result.error != nullptr) {
            state_.report("arithmetic expression: ", result.error, ": ", expression);
            state_.abort(2);
            return false;
        }
        String text;
        text.append_number(result.value);
        put(text, part.quoted);
        return true;
    }

    /// $@ and $*: what stands between two parameters depends on quotes.
    void all_parameters(const Part& part)
    {
        const View ifs = separators(state_);
        const bool joined = (part.quoted && part.text == "*") || !split_;
        if (part.quoted && part.text == "*" && state_.positional.empty()) {
            fields_.append_quoted("");
        }
        for (size_t i = 0; i < state_.positional.size(); ++i) {
            if (i > 0 && joined) {
                // An assignment of $@ joins with blanks, as there is but one field.
                put(part.text == "*" ? ifs.first(1) : View{" "}, true);
            } else if (i > 0) {
                fields_.end_field();
            }
            put(state_.positional[i], part.quoted);
        }
    }

    bool parameter(const Part& part)
    {
        const bool is_all = part.text == "@" || part.text == "*";
        String value;
        const bool set = is_all ? !state_.positional.empty() : parameter_value(state_, part.text, value);
        if (is_all && part.colon) {
            for (const String& one : state_.positional) {
                value.append(one);
            }
        }
        const bool missing = !set || (part.colon && value.empty());
        const bool replaced = part.operation == Part::Operator::Default       ? missing
                              : part.operation == Part::Operator::Alternative ? !missing
                                                                              : false;
        if (part.quoted && (replaced || part.operation == Part::Operator::Alternative)) {
            fields_.append_quoted(""); // "${x+}" is a word
        }
        switch (part.operation) {
        case Part::Operator::Default:
            if (replaced) {
                return word(part.word, false, true);
            }
            break;
        case Part::Operator::Alternative: return !replaced || word(part.word, false, true);
        case Part::Operator::Assign:
            if (missing) {
                return assign_default(part);
            }
            break;
        case Part::Operator::Complain:
            if (missing) {
                return complain(part);
            }
            break;
        default:
            if (!set && !is_all && state_.options.no_unset) {
                state_.report(part.text, ": this parameter is not set");
                state_.abort(2);
                return false;
            }
            break;
        }
        if (part.operation == Part::Operator::Length) {
            String length;
            length.append_size(is_all ? state_.positional.size() : value.size());
            put(length, part.quoted);
            return true;
        }
        if (is_all) {
            all_parameters(part);
            return true;
        }
        if (part.operation >= Part::Operator::ShortSuffix) {
            return trimmed(part, value);
        }
        if (set || part.quoted) {
            put(value, part.quoted);
        }
        return true;
    }

    bool assign_default(const Part& part)
    {
        String value;
        if (!expand_text(state_, part.word, value)) {
            return false;
        }
        if (!posix::is_name(part.text)) {
            state_.report("$", part.text, ": cannot be assigned in this way");
            state_.abort(2);
            return false;
        }
        if (!state_.variables.set(part.text, value)) {
            state_.report(part.text, ": is read only");
            state_.abort(2);
            return false;
        }
        put(value, part.quoted);
        return true;
    }

    bool complain(const Part& part)
    {
        String message;
        if (!expand_text(state_, part.word, message)) {
            return false;
        }
        if (message.empty()) {
            message.append(part.colon ? "this parameter is not set, or empty" : "this parameter is not set");
        }
        state_.report(part.text, ": ", message);
        state_.abort(2);
        return false;
    }

    /// ${x%w} and its like: without the shortest or longest part at an end that matches.
    bool trimmed(const Part& part, View value)
    {
        String pattern;
        if (!expand_pattern(state_, part.word, pattern)) {
            return false;
        }
        const bool suffix =
            part.operation == Part::Operator::ShortSuffix || part.operation == Part::Operator::LongSuffix;
        const bool longest =
            part.operation == Part::Operator::LongSuffix || part.operation == Part::Operator::LongPrefix;
        for (size_t i = 0; i <= value.size(); ++i) {
            const size_t removed = longest ? value.size() - i : i;
            const View kept = suffix ? value.first(value.size() - removed) : value.from(removed);
            if (matches(pattern, suffix ? value.from(value.size() - removed) : value.first(removed))) {
                put(kept, part.quoted);
                return true;
            }
        }
        put(value, part.quoted);
        return true;
    }

    State& state_;
    Fields& fields_;
    bool split_;
};

/// The files that a field's pattern matches, sorted; the field itself when there are none.
void append_files(const State& state, const Field& field, posix::Vector<String>& fields)
{
    if (!state.options.no_glob && field.is_pattern()) {
        glob_t found{};
        if (glob(field.pattern().c_str(), 0, nullptr, &found) == 0) {
            for (size_t i = 0; i < found.gl_pathc; ++i) {
                fields.append(String{View{found.gl_pathv[i]}});
            }
            globfree(&found);
            return;
        }
        globfree(&found);
    }
    fields.append(String{field.text.view()});
}

/// The one field of a word that is not split.
bool expand_one(State& state, const Word* word, bool assignment, Field& field)
{
    Fields fields{""};
    if (!Expander{state, fields, false}.word(word, assignment)) {
        return false;
    }
    posix::Vector<Field> all = fields.take();
    if (!all.empty()) {
        field = posix::move(all[0]);
    }
    return true;
}

} // namespace

bool expand_fields(State& state, const Word* words, posix::Vector<String>& fields)
{
    for (const Word* word = words; word != nullptr; word = word->next) {
        Fields split{separators(state)};
        if (!Expander{state, split, true}.word(word, false)) {
            return false;
        }
        for (const Field& field : split.take()) {
            append_files(state, field, fields);
        }
    }
    return true;
}

bool expand_text(State& state, const Word* word, String& text, bool assignment)
{
    Field field;
    if (!expand_one(state, word, assignment, field)) {
        return false;
    }
    text = posix::move(field.text);
    return true;
}

bool expand_pattern(State& state, const Word* word, String& pattern)
{
    Field field;
    if (!expand_one(state, word, false, field)) {
        return false;
    }
    pattern = field.pattern();
    return true;
}

} // namespace shell
