// SPDX-License-Identifier: MIT
#include "stress/sweep.h"

#include "uapi/errno.h"
#include "uapi/signals.h"

#include <fmt/format.h>

namespace stress {
namespace {

/// More than any of the programs takes, with the canary beside it.
constexpr std::uint64_t kProgram = 2'000'000'000;
/// So long a program is waited for that does not check what it gets.
constexpr std::uint64_t kCareless = 50'000'000;
/// All further allocations: as many as the shell's command can say.
constexpr std::uint64_t kAll = 9'999'999;

/// So many say enough.
constexpr std::size_t kMostLosses = 20;

/// What a case showed.
struct Case {
    std::uint64_t failed = 0; ///< allocations
    std::string loss;
    ProgramEnd end;
};

std::uint64_t status_of_exit(std::uint64_t status)
{
    return status << 8;
}

/// How many allocations the shell says have failed; the last command that says so counts.
std::uint64_t failed_allocations(const std::string& console)
{
    const std::size_t end = console.rfind(" allocations have failed");
    const std::size_t begin = end == std::string::npos ? end : console.rfind('\n', end);
    return begin == std::string::npos ? 0 : std::stoull(console.substr(begin + 1));
}

std::string program_of(const SweepPlan& plan)
{
    return plan.line.substr(0, plan.line.find(' '));
}

/// What is wrong about how the program ended.
std::string wrong_end(const SweepPlan& plan, const Case& one, const std::string& console)
{
    constexpr auto kNoMemory = static_cast<std::uint64_t>(uapi::Error::Enomem);
    if (!one.end.started) {
        const bool said = console.find(program_of(plan) + ": not enough memory (ENOMEM)") != std::string::npos;
        return said ? "" : "it does not start, and the shell does not say why";
    }
    const std::uint64_t status = one.end.wait_status;
    if (status == 0 || !plan.careful) {
        return "";
    }
    const bool killed = status == static_cast<std::uint64_t>(uapi::Signal::Sigkill);
    const bool refused = status == status_of_exit(kNoMemory);
    return one.failed != 0 && (killed || refused) ? "" : fmt::format("its wait status is {:#x}", status);
}

Case run_case(Session& session, const SweepPlan& plan, std::uint64_t number)
{
    ShellMachine& machine = session.machine();
    machine.go_back();
    const std::size_t begin = machine.console_size();
    Case one;
    const std::uint64_t limit = plan.careful ? kProgram : kCareless;
    one.loss = machine.type(
        {fmt::format("fail-frame {} {}", number, plan.from_there ? kAll : 1), "run " + plan.line, "fail-frame 0"},
        limit);
    if (!one.loss.empty() && !plan.careful) { // it may wait for a child that it could not make
        one.loss = machine.interrupt(limit) + machine.type({"fail-frame 0"}, limit);
    }
    const std::string console = machine.console_since(begin);
    one.end = machine.end_of(program_of(plan));
    one.failed = failed_allocations(console);
    if (one.loss.empty()) {
        one.loss = wrong_end(plan, one, console);
    }
    if (const std::string unhealthy = session.judge(!plan.careful); !unhealthy.empty()) {
        one.loss += (one.loss.empty() ? "" : "; ") + unhealthy;
    }
    return one;
}

} // namespace

Sweep sweep(Session& session, const SweepPlan& plan)
{
    Sweep all;
    for (std::uint64_t number = plan.first;; number += plan.step) {
        const Case one = run_case(session, plan, number);
        ++all.cases;
        if (!one.loss.empty()) {
            all.losses.push_back(fmt::format("{} without frame {}{}: {}", plan.line, number,
                                             plan.from_there ? " and all behind it" : "", one.loss));
        }
        if (one.failed == 0 || all.losses.size() == kMostLosses) {
            return all; // this one was not needed any more, or it is enough
        }
        all.not_started += !one.end.started;
        all.killed += one.end.started && (one.end.wait_status & 0xff) != 0;
        all.unharmed += one.end.started && one.end.wait_status == 0;
        all.refused += one.end.started && (one.end.wait_status & 0xff) == 0 && one.end.wait_status != 0;
    }
}

} // namespace stress
