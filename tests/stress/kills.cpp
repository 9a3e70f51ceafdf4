// SPDX-License-Identifier: MIT
#include "stress/kills.h"

#include "random/dice.h"
#include "uapi/signals.h"

#include <fmt/format.h>

namespace stress {
namespace {

/// From the key that is pressed to the prompt, with the canary and what the program had started beside it.
constexpr std::uint64_t kEnd = 500'000'000;
/// By then the shell has read its line: Ctrl-C before would take back what was typed.
constexpr std::uint64_t kTyped = 10'000;

struct Case {
    bool foreground = false;
    std::uint64_t instructions = 0; ///< from the start of the command to the key
};

std::string run_case(Session& session, const KillPlan& plan, const Case& one)
{
    ShellMachine& machine = session.machine();
    machine.go_back();
    std::string failure;
    if (one.foreground) {
        const bool still_runs = machine.begin({"run " + plan.line}, one.instructions);
        failure = still_runs ? machine.interrupt(kEnd) : "";
    } else {
        failure = machine.type({fmt::format("run {} &", plan.line)}, kEnd);
        const std::uint64_t id = machine.end_of(plan.line.substr(0, plan.line.find(' '))).id;
        if (failure.empty()) {
            machine.begin({}, one.instructions);
            failure = machine.press(fmt::format("kill {}{} SIGKILL", plan.whole_group ? "-" : "", id), kEnd);
        }
    }
    const std::string unhealthy = session.judge(true); // children of who was killed may compute for ever
    return failure.empty() ? unhealthy : failure + "; " + unhealthy;
}

} // namespace

Kills kill_at_random(Session& session, const KillPlan& plan)
{
    Kills all;
    const std::string program = plan.line.substr(0, plan.line.find(' '));
    for (std::uint64_t number = 0; number != plan.cases; ++number) {
        random_attack::Dice dice = random_attack::dice_for(plan.seed, number);
        const Case one{dice.once_in(2), kTyped + dice.below(plan.longest - kTyped)};
        const std::string failure = run_case(session, plan, one);
        const ProgramEnd end = session.machine().end_of(program);
        const auto wanted = one.foreground ? uapi::Signal::Sigint : uapi::Signal::Sigkill;
        const bool killed = end.started && end.wait_status == static_cast<std::uint64_t>(wanted);
        all.killed += killed;
        all.too_late += !killed;
        if (!failure.empty()) {
            all.losses.push_back(fmt::format("{}, {} after {} instructions: {}", plan.line,
                                             one.foreground ? "Ctrl-C" : "kill", one.instructions, failure));
        }
    }
    return all;
}

} // namespace stress
