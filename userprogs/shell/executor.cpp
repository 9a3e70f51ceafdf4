// SPDX-License-Identifier: MIT
// Lists, conditions, loops and cases.
#include "shell/executor.h"

#include "shell/expansion.h"
#include "shell/parser.h"
#include "shell/redirections.h"

namespace shell {

using posix::String;
using posix::View;

namespace {

/// One more of something while it lives.
class Counted {
public:
    explicit Counted(unsigned& count) : count_{count} { ++count_; }
    ~Counted() { --count_; }
    Counted(const Counted&) = delete;
    Counted& operator=(const Counted&) = delete;

private:
    unsigned& count_;
};

/// Runs `node`, whose failure is asked for.
void execute_tested(State& state, const Node* node)
{
    const Counted counted{state.tested};
    execute(state, node);
}

/// After the body of a loop: whether the loop goes on.
bool loop_goes_on(State& state)
{
    if (state.flow != Flow::Break && state.flow != Flow::Continue) {
        return state.going();
    }
    const bool goes_on = state.flow == Flow::Continue;
    if (--state.flow_count > 0) {
        return false; // it is meant for a loop around this one
    }
    state.flow = Flow::None;
    return goes_on;
}

void run_sequence(State& state, const Node& node, bool last)
{
    for (const Node* child = node.children; child != nullptr && state.going(); child = child->next) {
        if (child->background) {
            run_background(state, *child);
        } else {
            execute(state, child, last && child->next == nullptr);
        }
    }
}

void run_while(State& state, const Node& node)
{
    const Counted loop{state.loop_depth};
    int status = 0;
    for (;;) {
        execute_tested(state, node.left);
        if (!state.going()) {
            if (!loop_goes_on(state)) {
                break;
            }
            continue;
        }
        if ((state.status == 0) != (node.kind == Node::Kind::While)) {
            state.status = status;
            break;
        }
        execute(state, node.body);
        status = state.status;
        if (!loop_goes_on(state)) {
            break;
        }
    }
}

void run_for(State& state, const Node& node)
{
    posix::Vector<String> values;
    if (node.has_words) {
        if (!expand_fields(state, node.words, values)) {
            return;
        }
    } else {
        for (const String& value : state.positional) {
            values.append(String{value.view()});
        }
    }
    const Counted loop{state.loop_depth};
    state.status = 0;
    for (const String& value : values) {
        if (!assign(state, node.name, value)) {
            return;
        }
        execute(state, node.body);
        if (!loop_goes_on(state)) {
            return;
        }
    }
}

void run_case(State& state, const Node& node, bool last)
{
    String word;
    if (!expand_text(state, node.words, word)) {
        return;
    }
    state.status = 0;
    for (const CaseItem* item = node.items; item != nullptr; item = item->next) {
        for (const Word* pattern = item->patterns; pattern != nullptr; pattern = pattern->next) {
            String text;
            if (!expand_pattern(state, pattern, text)) {
                return;
            }
            if (matches(text, word)) {
                if (item->body != nullptr) {
                    execute(state, item->body, last);
                }
                return;
            }
        }
    }
}

void run_if(State& state, const Node& node, bool last)
{
    execute_tested(state, node.left);
    if (!state.going()) {
        return;
    }
    const Node* const chosen = state.status == 0 ? node.body : node.right;
    if (chosen == nullptr) {
        state.status = 0;
    } else {
        execute(state, chosen, last);
    }
}

void dispatch(State& state, const Node& node, bool last)
{
    switch (node.kind) {
    case Node::Kind::Simple: run_simple(state, node, last); break;
    case Node::Kind::Pipeline:
        if (node.children->next == nullptr && !node.negated) {
            execute(state, node.children, last);
            return;
        }
        run_pipeline(state, node, last);
        break;
    case Node::Kind::And:
    case Node::Kind::Or:
        execute_tested(state, node.left);
        if (state.going() && (state.status == 0) == (node.kind == Node::Kind::And)) {
            execute(state, node.right, last);
        }
        return;
    case Node::Kind::Sequence: run_sequence(state, node, last); return;
    case Node::Kind::Subshell: run_subshell(state, node, last); break;
    case Node::Kind::Group: execute(state, node.body, last); return;
    case Node::Kind::For: run_for(state, node); return;
    case Node::Kind::While:
    case Node::Kind::Until: run_while(state, node); return;
    case Node::Kind::If: run_if(state, node, last); return;
    case Node::Kind::Case: run_case(state, node, last); return;
    case Node::Kind::Function:
        state.functions.set(node.name, node.body, state.arena);
        state.status = 0;
        return;
    }
    const bool negated = node.kind == Node::Kind::Pipeline && node.negated;
    if (state.status != 0 && state.going() && state.options.exit_on_error && state.tested == 0 && !negated) {
        state.flow = Flow::Exit;
    }
}

} // namespace

void execute(State& state, const Node* node, bool last)
{
    if (state.stack.exhausted()) {
        state.report("commands are nested too deep");
        state.abort(2);
        return;
    }
    if (node->redirections != nullptr && node->kind != Node::Kind::Simple) {
        Redirections redirections{state};
        if (!redirections.apply(node->redirections)) {
            state.status = state.going() ? 2 : state.status;
            return;
        }
        // What is redirected must be undone, so nothing within is the last.
        dispatch(state, *node, false);
    } else {
        dispatch(state, *node, last);
    }
    run_traps(state);
    if (state.interactive && !state.is_child && Traps::take_interrupt() && state.going()) {
        state.abort(130);
    }
}

void run_traps(State& state)
{
    if (state.flow == Flow::Exit) {
        return;
    }
    for (int signal = state.traps.take_pending(); signal != 0; signal = state.traps.take_pending()) {
        const int status = state.status;
        const Flow flow = state.flow;
        const String command{state.traps.command(signal)};
        state.flow = Flow::None;
        run_text(state, command);
        if (state.going()) {
            state.status = status;
            state.flow = flow;
        }
    }
}

void finish(State& state)
{
    if (state.traps.action(0) == Traps::Action::Command) {
        const String command{state.traps.command(0)};
        const int status = state.status;
        state.traps.set(0, Traps::Action::Default, "");
        state.flow = Flow::None;
        run_text(state, command);
        if (state.flow != Flow::Exit) {
            state.status = status;
        }
    }
    _exit(state.status & 0xff);
}

void run_source(State& state, Source& source, bool at_prompt)
{
    while (state.going()) {
        Arena* const arena = Arena::create();
        const ArenaReference reference{arena};
        Arena::release(arena);
        Parser parser{source, *arena, {&state.aliases, &state.stack}};
        Node* command = nullptr;
        switch (parser.complete_command(command)) {
        case Parser::Result::End: return;
        case Parser::Result::Empty: break;
        case Parser::Result::Error:
            if (at_prompt) {
                if (!parser.cut_short()) {
                    state.line = 0;
                    state.report(parser.error());
                }
                source.discard_line();
                state.status = 2;
                return;
            }
            state.line = parser.error_line();
            state.report(parser.error());
            state.abort(2);
            return;
        case Parser::Result::Command: {
            Arena* const outer = state.arena;
            state.arena = arena;
            if (!state.options.no_execution || state.interactive) {
                execute(state, command);
            }
            state.arena = outer;
            break;
        }
        }
        if (at_prompt) {
            return;
        }
    }
}

void run_text(State& state, View text)
{
    if (state.stack.exhausted()) {
        state.report("commands are nested too deep");
        state.abort(2);
        return;
    }
    Source source{text, posix::larger(state.line, 1U)};
    run_source(state, source);
}

bool assign(State& state, View name, View value)
{
    state.variables.export_all = state.options.all_export;
    if (state.variables.set(name, value)) {
        return true;
    }
    state.report(name, ": is read only");
    state.abort(2);
    return false;
}

bool make_local(State& state, View name)
{
    Variable& variable = state.variables.declare(name);
    if (variable.readonly) {
        state.report(name, ": is read only");
        state.abort(2);
        return false;
    }
    LocalVariable local{String{name}, variable.set || variable.exported, {}};
    local.before.name.assign(name);
    local.before.value.assign(variable.value);
    local.before.set = variable.set;
    local.before.exported = variable.exported;
    state.locals.append(posix::move(local));
    return true;
}

void end_scope(State& state, size_t mark)
{
    while (state.locals.size() > mark) {
        LocalVariable local = state.locals.take_last();
        state.variables.restore(local.name, local.existed ? &local.before : nullptr);
    }
}

String quoted(View text)
{
    String result{"'"};
    for (const char c : text) {
        result.append(c == '\'' ? View{"'\\''"} : View{&c, 1});
    }
    return posix::move(result.append('\''));
}

} // namespace shell
