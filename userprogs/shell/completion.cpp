// SPDX-License-Identifier: MIT
#include "shell/completion.h"

#include "shell/builtins.h"

#include <dirent.h>
#include <stdlib.h>
#include <sys/stat.h>

namespace shell {

using posix::Completion;
using posix::String;
using posix::View;

namespace {

constexpr View kSeparators = " \t;&|<>()`";
constexpr View kSpecial = " \t;&|<>()`$\\\"'*?[]#~!{}";

/// Where the word before `cursor` begins: a quoted blank does not end it.
size_t word_begin(View line, size_t cursor)
{
    size_t begin = cursor;
    while (begin > 0 && (!kSeparators.contains(line[begin - 1]) || (begin > 1 && line[begin - 2] == '\\'))) {
        --begin;
    }
    return begin;
}

/// Whether a command begins at `begin`: nothing stands before it, or what separates commands.
bool is_command_place(View line, size_t begin)
{
    while (begin > 0 && (line[begin - 1] == ' ' || line[begin - 1] == '\t')) {
        --begin;
    }
    return begin == 0 || View{";&|(`"}.contains(line[begin - 1]);
}

String without_backslashes(View text)
{
    String result;
    for (size_t i = 0; i < text.size(); ++i) {
        i += text[i] == '\\' && i + 1 < text.size() ? 1U : 0U;
        result.append(text[i]);
    }
    return result;
}

void append_quoted(String& text, View bytes)
{
    for (const char c : bytes) {
        text.append(kSpecial.contains(c) ? "\\" : "").append(c);
    }
}

void add_sorted(Completion& completion, String candidate)
{
    size_t at = completion.candidates.size();
    while (at > 0 && strcmp(completion.candidates[at - 1].c_str(), candidate.c_str()) > 0) {
        --at;
    }
    if (at == 0 || completion.candidates[at - 1] != candidate.view()) {
        completion.candidates.insert(at, posix::move(candidate));
    }
}

/// Adds the names of `directory` that begin with `start`, each behind `before`.
void add_files(Completion& completion, const String& directory, View start, View before, bool only_programs)
{
    DIR* const listing = opendir(directory.empty() ? "." : directory.c_str());
    if (listing == nullptr) {
        return;
    }
    while (const dirent* const entry = readdir(listing)) {
        const View name{entry->d_name};
        const bool hidden = name.starts_with(".") && !start.starts_with(".");
        if (!name.starts_with(start) || hidden || name == "." || name == "..") {
            continue;
        }
        String path{directory.view()};
        path.append(directory.empty() || directory.back() == '/' ? "" : "/").append(name);
        struct stat status{};
        const bool known = stat(path.c_str(), &status) == 0;
        if (only_programs && (!known || !S_ISREG(status.st_mode) || (status.st_mode & 0111) == 0)) {
            continue;
        }
        String candidate{before};
        append_quoted(candidate, name);
        add_sorted(completion, posix::move(candidate.append(known && S_ISDIR(status.st_mode) ? "/" : "")));
    }
    closedir(listing);
}

void add_commands(const State& state, Completion& completion, View start)
{
    const BuiltinList builtins = all_builtins();
    for (size_t i = 0; i < builtins.count; ++i) {
        if (View{builtins.first[i].name}.starts_with(start)) {
            add_sorted(completion, String{View{builtins.first[i].name}});
        }
    }
    View path = state.variables.value("PATH");
    for (bool more = !start.empty(); more;) {
        const size_t colon = path.find(':');
        add_files(completion, String{path.first(colon)}, start, "", true);
        more = colon != posix::kNowhere;
        path = path.from(colon + 1);
    }
}

void complete(void* context, View line, size_t cursor, Completion& completion)
{
    State& state = *static_cast<State*>(context);
    completion.begin = word_begin(line, cursor);
    const View typed = line.from(completion.begin, cursor - completion.begin);
    size_t slash = typed.size();
    while (slash > 0 && typed[slash - 1] != '/') {
        --slash;
    }
    if (slash == 0 && is_command_place(line, completion.begin)) {
        add_commands(state, completion, without_backslashes(typed));
    } else {
        String directory = without_backslashes(typed.first(slash));
        if (directory.view().starts_with("~/")) {
            String home{state.variables.value("HOME")};
            directory = posix::move(home.append(directory.view().from(1)));
        }
        add_files(completion, directory, without_backslashes(typed.from(slash)), typed.first(slash), false);
    }
    // What is whole is followed by a blank.
    if (completion.candidates.size() == 1 && completion.candidates[0].back() != '/') {
        completion.candidates[0].append(' ');
    }
}

} // namespace

posix::Completer make_completer(State& state)
{
    return {&state, complete};
}

} // namespace shell
