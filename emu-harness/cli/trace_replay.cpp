// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/trace_replay.h"

#include "cli/end_report.h"
#include "trace/injector.h"
#include "trace/stub.h"

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

Replay replay_trace(Session& session, const Trace& trace, std::uint64_t limit)
{
    if (trace.injected) {
        return replay_injected(session, trace, limit);
    }
    RunEnd end = session.run(session.script_for(trace), limit);
    Replay replay{.end = {},
                  .how = describe_end(end, session),
                  .ended = ended_well(end, session),
                  .actual = session.recorder().trace(),
                  .whole = session.recorder().complete(),
                  .difference = {}};
    replay.end = std::move(end);
    replay.actual.arguments = trace.arguments;
    replay.actual.setting = trace.setting;
    replay.difference = compare_traces(trace, replay.actual, "the run ended: " + replay.how);
    return replay;
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
    if (!problem && from_snapshot && !trace.setting.files.empty()) {
        problem = "a trace that brings files is replayed from a boot of its own, not from a snapshot";
    }
    return problem ? std::optional(fmt::format("{}: error: {}", place, *problem)) : std::nullopt;
}

} // namespace ringcheck::cli
