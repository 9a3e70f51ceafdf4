// SPDX-License-Identifier: MIT
// A shell.  shell [OPTION...] [FILE [ARGUMENT...]]; shell -c COMMANDS [NAME [ARGUMENT...]]; without either, standard
// input: with prompts, history and job control when that is a terminal or with -i.  [POSIX "sh"]
// Status: that of the last command; 2 for a mistake in the commands; 127 when FILE is not there.
#include "shell/builtins.h"
#include "shell/executor.h"
#include "shell/interactive.h"
#include "shell/processes.h"
#include "shell/script.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

namespace posix {

void out_of_memory()
{
    write_all(STDERR_FILENO, "shell: out of memory\n");
    _exit(2);
}

} // namespace posix

namespace {

using posix::String;
using posix::Vector;
using posix::View;
using shell::State;

struct CommandLine {
    bool command = false; ///< -c
    bool input = false;   ///< -s
    bool interactive = false;
    size_t operand = 1;
};

/// -c, -s and -i are not of set: they are taken out of the options that are.
bool parse(State& state, Vector<String>& arguments, CommandLine& line)
{
    for (size_t i = 1; i < arguments.size(); ++i) {
        String& text = arguments[i];
        if (text.size() < 2 || (text[0] != '-' && text[0] != '+') || text == "--") {
            break;
        }
        const bool has_name = text.view().contains('o');
        for (size_t at = 1; at < text.size();) {
            bool* const flag = text[at] == 'c'   ? &line.command
                               : text[at] == 's' ? &line.input
                               : text[at] == 'i' ? &line.interactive
                                                 : nullptr;
            if (flag == nullptr) {
                ++at;
            } else {
                *flag = true;
                text.remove(at, 1);
            }
        }
        if (text.size() == 1) {
            arguments.remove(i);
            --i;
        }
        i += has_name ? 1U : 0U;
    }
    bool ended = false;
    return shell::take_options(state, arguments, line.operand, ended);
}

void set_defaults(State& state, char** environment)
{
    state.variables.import(environment);
    // It is not taken over from outside.  [POSIX "IFS"]
    state.variables.set("IFS", " \t\n");
    state.variables.declare("IFS").exported = false;
    if (state.variables.find("PATH") == nullptr) {
        state.variables.set("PATH", "/usr/local/bin:/usr/bin:/bin:/");
    }
    state.variables.set("OPTIND", "1");
    String parent;
    parent.append_number(getppid());
    state.variables.set("PPID", parent);
    shell::set_initial_directory(state);
    state.pid = getpid();
}

int run(State& state, Vector<String>& arguments)
{
    CommandLine line;
    state.place.assign("shell");
    state.name.assign(arguments.empty() ? View{"shell"} : arguments[0].view());
    if (!parse(state, arguments, line)) {
        return 2;
    }
    size_t first = line.operand;
    String commands;
    if (line.command) {
        if (first == arguments.size()) {
            state.report("-c needs commands");
            return 2;
        }
        commands.assign(arguments[first++]);
        if (first < arguments.size()) {
            state.name.assign(arguments[first++]);
        }
    }
    const bool is_file = !line.command && !line.input && first < arguments.size();
    int fd = -1;
    if (is_file) {
        fd = open(arguments[first].c_str(), O_RDONLY | O_CLOEXEC);
        if (fd < 0) {
            const char* const why = strerror(errno);
            state.report(arguments[first], ": ", why);
            return 127;
        }
        state.name.assign(arguments[first]);
        state.place.assign(arguments[first++]);
    }
    for (; first < arguments.size(); ++first) {
        state.positional.append(String{arguments[first].view()});
    }
    const bool from_input = !line.command && !is_file;
    state.interactive = line.interactive || (from_input && isatty(STDIN_FILENO) == 1 && isatty(STDERR_FILENO) == 1);
    state.traps.begin(state.interactive);
    if (from_input && state.interactive) {
        shell::run_interactive(state);
    } else if (from_input) {
        shell::run_standard_input(state);
    } else if (is_file) {
        shell::run_file(state, fd);
    } else {
        shell::run_text(state, commands);
    }
    shell::finish(state);
}

} // namespace

int main(int count, char** arguments, char** environment)
{
    State state;
    Vector<String> all;
    for (int i = 0; i < count; ++i) {
        all.append(String{View{arguments[i]}});
    }
    set_defaults(state, environment);
    return run(state, all);
}
