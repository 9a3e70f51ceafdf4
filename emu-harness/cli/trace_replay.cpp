// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/trace_replay.h"

#include "cli/end_report.h"
#include "trace/injector.h"
#include "trace/outside_events.h"
#include "trace/stub.h"
#include "trace/trace_print.h"

#include <fmt/format.h>

#include <utility>

namespace ringcheck::cli {
namespace {

/// Nothing more happens: the process waits for a call that the trace does not have.
Replay without_end(const Injector& injector, const Session& session)
{
    return {.end = {EndKind::InstructionLimit, 0, "", {}},
            .how = session.recorder().complete() ? "the process ended" : "the process waited for the next call",
            .ended = true,
            .actual = injector.actual(),
            .whole = session.recorder().complete() && !injector.problem(),
            .difference = injector.problem()};
}

Replay replay_injected(Session& session, const Trace& trace, std::uint64_t limit)
{
    session.prepare(session.script_for(trace));
    Stub stub(session.machine(), session.memory(), session.symbols(), session.recorder(),
              [&session](std::uint64_t until) { return session.run_on(until); });
    session.watch().add(stub);
    Injector injector(trace, stub, session.memory(), session.symbols(), session.recorder());
    if (const auto taken = stub.take_over(limit); !taken) {
        RunEnd end{EndKind::Unmodelled, 0, taken.error(), {}};
        Replay replay{.end = std::move(end),
                      .how = taken.error(),
                      .ended = false,
                      .actual = injector.actual(),
                      .whole = false,
                      .difference = {}};
        session.machine().set_observer(nullptr);
        return replay;
    }
    injector.run();
    session.machine().clear_stops();
    Replay replay = without_end(injector, session);
    // What the kernel does then is looked at too, when something ends the machine whatever other programs do.
    const bool goes_on = session.recorder().complete() && !session.files().guest.power_off_command.empty();
    if (goes_on || stub.end()) {
        replay.end = stub.end() ? *stub.end() : session.run_on(limit);
        replay.how = describe_end(replay.end, session);
        replay.ended = ended_well(replay.end, session);
    }
    session.machine().set_observer(nullptr); // the stub's end
    if (!replay.difference) {
        replay.difference = compare_traces(trace, replay.actual, replay.how);
    }
    return replay;
}

} // namespace

RunEnd run_program(Session& session, const Trace& trace, std::uint64_t limit)
{
    Machine& machine = session.machine();
    session.recorder().follow_children(trace.setting.children);
    if (trace.setting.switches) {
        session.recorder().follow_switches(session.watch().processes());
    }
    session.prepare(session.script_for(trace));
    OutsideEvents outside(trace, machine, session.symbols(), session.recorder());
    session.watch().add(outside);
    machine.clear_stops();
    RunEnd end = session.run_on(limit);
    while (end.kind == EndKind::WatchedAddress) {
        outside.stopped();
        end = session.run_on(limit);
    }
    machine.clear_stops();
    machine.set_observer(nullptr); // the end of `outside`
    return end;
}

Replay replay_trace(Session& session, const Trace& trace, std::uint64_t limit)
{
    if (trace.injected) {
        return replay_injected(session, trace, limit);
    }
    RunEnd end = run_program(session, trace, limit);
    Replay replay{.end = {},
                  .how = describe_end(end, session),
                  .ended = ended_well(end, session),
                  .actual = session.recorder().whole_trace(),
                  .whole = session.recorder().complete(),
                  .difference = {}};
    replay.end = std::move(end);
    replay.actual.arguments = trace.arguments;
    replay.actual.setting = trace.setting;
    replay.difference = compare_traces(trace, replay.actual, "the run ended: " + replay.how);
    return replay;
}

std::expected<std::unique_ptr<GuestFiles>, std::string> own_files(const GuestOptions& options, const Trace& trace)
{
    if (trace.setting.files.empty()) {
        return nullptr;
    }
    auto loaded = GuestFiles::load(options);
    if (!loaded) {
        return std::unexpected(loaded.error());
    }
    auto files = std::make_unique<GuestFiles>(*std::move(loaded));
    files->give(trace.setting.files);
    return files;
}

std::optional<ParseError> refuse_injections(const GuestFiles& files, const Trace& trace)
{
    const Symbols symbols(files.guest, &files.kernel, &files.initrd);
    const Event* const unknown = OutsideEvents::find_unknown_place(trace, symbols);
    if (unknown == nullptr) {
        return std::nullopt;
    }
    const Address& at = std::get<InjectEvent>(unknown->what).at;
    return ParseError{unknown->line, 1, fmt::format("{} has no {}", trace.program, print_address(at))};
}

std::optional<std::string> refuse_trace(const GuestFiles& files, const std::string& path, const Trace& trace,
                                        bool from_snapshot)
{
    auto problem = files.refuse_program(trace.program);
    std::string place = path;
    if (!problem) {
        problem = files.refuse_start(trace);
        place = fmt::format("{}:{}", path, trace.program_line);
    }
    if (const auto unknown = problem ? std::nullopt : refuse_injections(files, trace)) {
        problem = unknown->text;
        place = fmt::format("{}:{}", path, unknown->line);
    }
    if (!problem && from_snapshot && !trace.setting.files.empty()) {
        problem = "a trace that brings files is replayed from a boot of its own, not from a snapshot";
    }
    return problem ? std::optional(fmt::format("{}: error: {}", place, *problem)) : std::nullopt;
}

} // namespace ringcheck::cli
