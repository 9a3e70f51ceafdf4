// SPDX-License-Identifier: MIT
#include "attack/judge.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <sstream>

namespace attack {
namespace {

constexpr std::string_view kNotHere = "exited with status 77";

Verdict lost(std::string reason)
{
    return {Fate::Lost, std::move(reason)};
}

/// What is free and who is there.
struct Health {
    std::string frames;
    std::vector<std::string> names;
};

/// Of the commands `mem` and `ps`.
Health health(const Command& mem, const Command& ps)
{
    return {free_frames(mem).value_or("?"), names(ps)};
}

bool says_canary(const Command& command)
{
    return std::ranges::any_of(command.output, [](const std::string& line) { return line.starts_with("canary:"); });
}

/// Who is not there any more, and what.
Verdict judge_health(std::span<const Command> commands, const Health& before)
{
    if (std::ranges::any_of(commands, says_canary)) {
        return lost("the canary was harmed");
    }
    const Health after = health(commands[1], commands[2]);
    if (after.frames != before.frames) {
        return lost(fmt::format("{} frames are free, {} were before", after.frames, before.frames));
    }
    if (after.names != before.names) {
        return lost(fmt::format("there are [{}], there were [{}]", fmt::join(after.names, ", "),
                                fmt::join(before.names, ", ")));
    }
    return {};
}

/// "killed by SIGSEGV (SEGV_MAPERR, address 0x8): #PF ..." without what stands in brackets.
std::string without_code(const std::string& outcome)
{
    const auto begin = outcome.find(" ("), end = outcome.find("): ");
    return begin < end && end != std::string::npos ? outcome.substr(0, begin) + outcome.substr(end + 1) : outcome;
}

Verdict judge_outcome(const Attempt& attempt, std::string_view column, const Command& run)
{
    const std::string refusal = refusal_of(run, attempt.program), expected = attempt.expected_in(column);
    const std::string outcome = refusal.empty() ? outcome_of(run, attempt.program) : "refused: " + refusal;
    if (outcome.starts_with(kNotHere)) {
        return {Fate::NotHere, last_words(run)};
    }
    if (expected.empty() || !(outcome.starts_with(expected) || without_code(outcome).starts_with(expected))) {
        const std::string said = last_words(run);
        return lost(fmt::format("expected '{}', got '{}'{}", expected, outcome.empty() ? "no end of it" : outcome,
                                said.empty() ? "" : ", having said '" + said + "'"));
    }
    return {};
}

Verdict judge_attempt(const Attempt& attempt, std::string_view column, std::span<const Command> commands,
                      const Health& before)
{
    const Verdict health = commands.size() > 1 ? judge_health(commands, before) : Verdict{};
    return health.fate == Fate::Lost ? health : judge_outcome(attempt, column, commands[0]);
}

} // namespace

void Verdict::add(const Verdict& other)
{
    const auto worse = [](Fate fate) { return fate == Fate::Lost ? 2 : fate == Fate::Survived ? 1 : 0; };
    if (worse(other.fate) > worse(fate)) {
        *this = other;
    }
}

std::vector<std::string> opening_lines(bool with_canary)
{
    return with_canary ? std::vector<std::string>{"run canary", "run hello", "mem", "ps"} : std::vector<std::string>{};
}

std::vector<std::string> lines_of(const Attempt& attempt, bool with_canary)
{
    std::vector<std::string> lines{attempt.command()};
    if (with_canary) {
        lines.insert(lines.end(), {"mem", "ps"});
    }
    return lines;
}

Judged judge(std::string_view console, std::span<const Attempt> attempts, std::string_view column,
             const std::string& how_it_ended, bool with_canary)
{
    const std::vector<Command> commands = read_console(console);
    const std::size_t opening = opening_lines(with_canary).size();
    Judged judged;
    if (commands.size() <= opening) { // the next line was typed when the last one of these had ended
        judged.verdicts.assign(1, lost("the kernel did not come up: " + how_it_ended));
        return judged;
    }
    const Health before = with_canary ? health(commands[opening - 2], commands[opening - 1]) : Health{};
    if (with_canary && std::ranges::find(before.names, "canary") == before.names.end()) {
        judged.verdicts.assign(1, lost("there is no canary"));
        return judged;
    }
    std::size_t at = opening;
    for (const Attempt& attempt : attempts) {
        const std::size_t count = lines_of(attempt, with_canary).size();
        const auto its = std::span(commands).subspan(std::min(at, commands.size()));
        const bool ended = its.size() >= count && its[count - 1].finished && its[0].line == attempt.command();
        Verdict verdict = ended ? judge_attempt(attempt, column, its.first(count), before) : lost(how_it_ended);
        if (verdict.fate == Fate::Lost) {
            verdict.reason = attempt.command() + ": " + verdict.reason;
        }
        judged.verdicts.push_back(std::move(verdict));
        if (!ended) {
            return judged;
        }
        at += count;
    }
    judged.complete = true;
    return judged;
}

Verdict judge_tests(std::string_view output, const std::string& test)
{
    const bool family = test.ends_with('*');
    const std::string name = family ? test.substr(0, test.size() - 1) : test;
    unsigned begun = 0, passed = 0;
    std::istringstream lines{std::string(output)};
    for (std::string line; std::getline(lines, line);) {
        constexpr std::string_view kBegun = "[ RUN      ] ", kPassed = "[       OK ] ";
        begun += line.starts_with(std::string(kBegun) + name) && (family || line.size() == kBegun.size() + name.size());
        passed += line.starts_with(std::string(kPassed) + name + (family ? "" : " ("));
    }
    return begun != 0 && begun == passed ? Verdict{} : lost(test + " does not pass");
}

} // namespace attack
