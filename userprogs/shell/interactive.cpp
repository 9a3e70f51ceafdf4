// SPDX-License-Identifier: MIT
#include "shell/interactive.h"

#include "posix/line_editor.h"
#include "posix/line_reader.h"
#include "shell/builtins.h"
#include "shell/completion.h"
#include "shell/executor.h"
#include "shell/expansion.h"
#include "shell/parser.h"

#include <fcntl.h>
#include <unistd.h>

namespace shell {

using posix::String;
using posix::View;

namespace {

struct Prompt {
    State& state;
    posix::LineEditor editor;
    bool interrupted = false;
    bool ended = false;
};

/// The value of `variable` with its expansions, `otherwise` when it is not set.
String prompt_text(State& state, View variable, View otherwise)
{
    const Variable* const found = state.variables.find(variable);
    const String text{found == nullptr || !found->set ? otherwise : found->value.view()};
    Arena* const arena = Arena::create();
    const ArenaReference reference{arena};
    Arena::release(arena);
    Source source{text, 1};
    Parser parser{source, *arena, {nullptr, &state.stack}};
    const Word* const word = parser.text_with_expansions();
    String result;
    // A prompt that means nothing, or changes the status, must not stop the shell.
    const int status = state.status;
    if (word == nullptr || !expand_text(state, word, result)) {
        result.assign("$ ");
        state.flow = Flow::None;
    }
    state.status = status;
    return result;
}

bool next_line(void* context, bool continued, String& text)
{
    Prompt& prompt = *static_cast<Prompt*>(context);
    State& state = prompt.state;
    if (!continued) {
        tell_jobs(state);
    }
    const String shown =
        continued ? prompt_text(state, "PS2", "> ") : prompt_text(state, "PS1", geteuid() == 0 ? "$PWD # " : "$PWD $ ");
    String line;
    switch (prompt.editor.read(shown, line, state.history)) {
    case posix::LineEditor::Result::Line: break;
    case posix::LineEditor::Result::Interrupted: prompt.interrupted = true; return false;
    case posix::LineEditor::Result::End: prompt.ended = true; return false;
    }
    state.history.add(line);
    text.append(line).append('\n');
    return true;
}

void load_history(State& state)
{
    const String path{state.variables.value("HISTFILE")};
    const int fd = path.empty() ? -1 : open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return;
    }
    posix::LineReader reader{fd, posix::LineEditor::kLineLimit};
    String line;
    for (auto result = reader.read(line);
         result == posix::LineReader::Result::Line || result == posix::LineReader::Result::TooLong;
         result = reader.read(line)) {
        if (result == posix::LineReader::Result::Line) {
            state.history.add(line);
        }
    }
    close(fd);
}

void save_history(const State& state)
{
    const String path{state.variables.value("HISTFILE")};
    if (path.empty()) {
        return;
    }
    String text;
    for (size_t i = 0; i < state.history.size(); ++i) {
        text.append(state.history[i]).append('\n');
    }
    const int fd = open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0 || !posix::write_all(fd, text)) {
        const char* const why = strerror(errno);
        posix::write_all(STDERR_FILENO, String{path.view()}.append(": ").append(why).append('\n'));
    }
    if (fd >= 0) {
        close(fd);
    }
}

/// Whether a person who leaves has been told of stopped jobs; the second time counts.
bool has_stopped_jobs(State& state)
{
    for (const Job& job : state.jobs.all()) {
        if (job.state() == Process::State::Stopped) {
            return true;
        }
    }
    return false;
}

} // namespace

void run_interactive(State& state)
{
    if (!state.jobs.take_terminal(STDIN_FILENO)) {
        posix::write_all(STDERR_FILENO, "shell: there is no job control at this terminal\n");
    }
    state.options.monitor = state.jobs.controls_terminal();
    load_history(state);
    Prompt prompt{state, {STDIN_FILENO, STDERR_FILENO}};
    prompt.editor.use(make_completer(state));
    Source source{LineSupply{&prompt, next_line}};
    bool warned = false;
    for (;;) {
        run_source(state, source, true);
        state.line = 0;
        if (prompt.interrupted) {
            prompt.interrupted = false;
            source.discard_line();
            state.status = 128 + SIGINT;
        }
        if (state.flow == Flow::Abort || state.flow == Flow::Return) {
            state.flow = Flow::None;
            source.discard_line();
        }
        if (state.flow != Flow::Exit && !prompt.ended) {
            continue;
        }
        if (has_stopped_jobs(state) && !warned && !Traps::hung_up()) {
            posix::write_all(STDERR_FILENO, "There are stopped jobs.\n");
            warned = true;
            state.flow = Flow::None;
            prompt.ended = false;
            source.discard_line();
            continue;
        }
        break;
    }
    if (Traps::hung_up() || has_stopped_jobs(state)) {
        state.jobs.hang_up();
    }
    save_history(state);
    state.jobs.release_terminal();
    state.interactive = false;
}

} // namespace shell
