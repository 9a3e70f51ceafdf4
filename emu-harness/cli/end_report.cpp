// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/end_report.h"

#include "arch/rflags.h"
#include "cli/diagnostic.h"
#include "explain/explanation_text.h"
#include "explain/kept_value.h"
#include "watch/transition_format.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <ranges>
#include <span>
#include <vector>

namespace ringcheck::cli {
namespace {

constexpr std::size_t kLastTransitions = 8;
constexpr unsigned kSamples = 64;
constexpr std::uint64_t kSampleDistance = 997; // a prime: no loop of few instructions keeps in step with it

const Program& running_program(Session& session, const model::CpuState& state)
{
    return session.watch().processes().program_with_cr3(state.cr3);
}

std::string function_at(Session& session, const model::CpuState& state)
{
    const std::string place = session.symbols().code(state.rip, state.cpl, running_program(session, state));
    return place.substr(0, place.find('+'));
}

std::string state_lines(Session& session)
{
    const model::CpuState state = session.machine().state();
    return fmt::format("  stopped   after {} instructions\n"
                       "  rip       {} ({:#x}), ring {}\n"
                       "  stack     {} ({:#x})\n"
                       "  cr3       {:#x}, cr2 {:#x}, rflags {:#x}\n",
                       session.machine().instruction_count(),
                       session.symbols().code(state.rip, state.cpl, running_program(session, state)), state.rip,
                       state.cpl, session.symbols().stack(state[model::Gpr::Rsp], running_program(session, state)),
                       state[model::Gpr::Rsp], state.cr3, state.cr2, state.rflags);
}

bool interrupts_on(Session& session)
{
    return (session.machine().state().rflags & arch::rflags::kInterrupt) != 0;
}

/// Where a machine that runs on spends its time: the most frequent functions of some samples.
std::string loop_lines(Session& session)
{
    std::map<std::string, unsigned> hits;
    unsigned samples = 0;
    bool ever_on = interrupts_on(session);
    for (; samples < kSamples; ++samples) {
        const RunEnd end = session.machine().run({session.machine().instruction_count() + kSampleDistance});
        if (end.kind != EndKind::InstructionLimit) {
            break;
        }
        ++hits[function_at(session, session.machine().state())];
        ever_on |= interrupts_on(session);
    }
    std::vector<std::pair<std::string, unsigned>> functions(hits.begin(), hits.end());
    std::ranges::sort(functions, [](const auto& one, const auto& other) {
        return one.second != other.second ? one.second > other.second : one.first < other.first;
    });
    std::string text;
    for (const auto& [function, count] : std::span(functions).first(std::min<std::size_t>(functions.size(), 4))) {
        text += fmt::format("  loops in  {}, {} of {} samples\n", function, count, samples);
    }
    return text + (ever_on ? "" : "  interrupts are off (IF = 0): none can end this loop\n");
}

std::string waiting_line(Session& session)
{
    const std::string& console = session.machine().console();
    const std::string& prompt = session.files().guest.prompt;
    if (!prompt.empty() && console.ends_with(prompt)) {
        return "  waits     for a line at its prompt; all lines were typed\n";
    }
    const std::size_t end = console.find_last_not_of("\r\n");
    const std::string last = end == std::string::npos ? "" : console.substr(0, end + 1);
    return fmt::format("  console   its last line is \"{}\"\n", last.substr(last.find_last_of('\n') + 1));
}

std::string last_transitions(Session& session)
{
    const std::span<const LogRow> rows = session.log().rows();
    if (rows.empty()) {
        return "  there was no transition\n";
    }
    return "last transitions\n" + format_table(rows.last(std::min(rows.size(), kLastTransitions)), session.symbols());
}

} // namespace

std::string report_stop(Session& session)
{
    return state_lines(session) + last_transitions(session);
}

std::string describe_end(const RunEnd& end, Session& session)
{
    const auto with_text = [&end](const char* what) {
        return end.text.empty() ? std::string(what) : fmt::format("{}: {}", what, end.text);
    };
    if (session.watch().panic()) {
        return fmt::format("the kernel panicked: {}", *session.watch().panic());
    }
    switch (end.kind) {
    case EndKind::PowerOff: return "powered off";
    case EndKind::DebugExit: return fmt::format("debug exit with value {:#x}", end.value);
    case EndKind::Reset: return "the guest asked for a reset";
    case EndKind::Shutdown: return "triple fault";
    case EndKind::Halted: return with_text("halted for good");
    case EndKind::WatchedAddress: return "stopped at an address";
    case EndKind::InstructionLimit: return "still running at the instruction limit";
    case EndKind::Unmodelled: return with_text("the machine has no model for what the guest did");
    }
    return end.text;
}

void follow_kept_value(Explanation& explanation, const Session& session)
{
    if (!explanation.kept) {
        return;
    }
    const auto again = session.repeat(explanation.kept->from_count, {});
    if (again != nullptr) {
        explanation.fate = follow(again->machine(), *explanation.kept, again->symbols(), explanation.program);
    }
}

bool ended_well(const RunEnd& end, Session& session)
{
    const bool good_exit = end.kind == EndKind::DebugExit && session.files().guest.good_exit == end.value;
    return (end.kind == EndKind::PowerOff || good_exit) && !session.watch().panic();
}

std::vector<Explanation> explain_end(const RunEnd& end, Session& session)
{
    using Kind = FaultWatch::Wish::Kind;
    std::vector<Explanation> all;
    const auto last = end.kind == EndKind::Shutdown ? session.faults().shutdown() : std::nullopt;
    // Exceptions of ring 3 are not explained as they come, for a kernel may live on them.
    const auto user = session.faults().open_user_exception();
    if (user && (!last || *user < last->count)) {
        if (const auto again = session.repeat(*user + 1, {Kind::AtCount, *user})) {
            std::ranges::copy(again->faults().explanations() | std::views::take(1), std::back_inserter(all));
        }
    }
    for (const Explanation& open : session.faults().explanations()) {
        if (!last || open.count < last->count) {
            all.push_back(open);
        }
    }
    if (last) {
        all.push_back(*last);
    }
    std::ranges::sort(all, {}, &Explanation::count);
    for (Explanation& explanation : all) {
        follow_kept_value(explanation, session);
    }
    return all;
}

std::string report_end(const RunEnd& end, Session& session)
{
    std::string text = state_lines(session);
    for (const Explanation& explanation : explain_end(end, session)) {
        const auto emphasis = [](std::string_view part) { return on_stderr(Colour::Bad, part); };
        text += "\n" + explanation_text(explanation, session.lines(), emphasis) + "\n";
    }
    if (end.kind == EndKind::Halted && !interrupts_on(session)) {
        text += "  halted    with interrupts off (IF = 0): nothing can wake it\n";
    }
    if (end.kind == EndKind::Halted || end.kind == EndKind::InstructionLimit) {
        const std::string waits = waiting_line(session), transitions = last_transitions(session);
        const std::string loops = end.kind == EndKind::InstructionLimit ? loop_lines(session) : "";
        return text + loops + waits + transitions;
    }
    return text + last_transitions(session);
}

} // namespace ringcheck::cli
