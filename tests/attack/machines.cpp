// SPDX-License-Identifier: MIT
#include "attack/machines.h"

#include "attack/program_run.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <sstream>

namespace attack {
namespace {

/// The programs hold addresses of the kernel: it has to be there, or they attack nothing.
constexpr const char* kBootOptions = "nokaslr";

std::vector<std::string> typed(std::span<const Attempt> attempts, bool with_canary)
{
    std::vector<std::string> words;
    const auto type = [&words](const std::vector<std::string>& lines) {
        for (const std::string& line : lines) {
            words.insert(words.end(), {"--type", line});
        }
    };
    type(opening_lines(with_canary));
    for (const Attempt& attempt : attempts) {
        type(lines_of(attempt, with_canary));
    }
    type({"poweroff"});
    return words;
}

std::vector<std::string> with(std::vector<std::string> words, const std::vector<std::string>& more)
{
    words.insert(words.end(), more.begin(), more.end());
    return words;
}

/// The kernel's own words when it gave up, else the last line of what the machine's driver said.
std::string how_it_ended(const ProgramRun& run)
{
    std::string found;
    for (const std::string& text : {run.errors, run.output}) {
        std::istringstream lines(text);
        for (std::string line; std::getline(lines, line);) {
            if (line.find("panic") != std::string::npos || line.find("exception in the kernel") != std::string::npos) {
                return line;
            }
            if (!line.empty() && text == run.errors) {
                found = line;
            }
        }
    }
    return found.empty() ? fmt::format("ended with status {}", run.status) : found;
}

/// The first violation of a rule that ringcheck printed: what it is, and where.
std::string first_violation(const std::string& errors)
{
    std::istringstream lines(errors);
    std::string text;
    for (std::string line; std::getline(lines, line) && text.size() < 400;) {
        if (line.find_first_not_of(' ') != std::string::npos) {
            text += (text.empty() ? "" : "; ") + line.substr(line.find_first_not_of(' '));
        }
    }
    return text;
}

/// What the kernel wrote, before ringcheck's own table.
std::string console_of(const std::string& output)
{
    return output.substr(0, output.find("\ntransitions\n"));
}

Verdict in_one_boot(const Files& files, const Column& column, const std::string& name,
                    std::span<const Attempt> attempts, bool strict)
{
    const bool with_canary = !strict;
    std::vector<std::string> words{(files.build / "ringcheck").string(),
                                   "run",
                                   (files.build / "aethelos.elf").string(),
                                   "--cpu",
                                   column.option,
                                   "--limit",
                                   "2000000000",
                                   "--append",
                                   kBootOptions};
    if (strict) {
        words.insert(words.end(), {"--strict", "--step"}); // a block that is cut at each instruction is translated anew
    }
    const ProgramRun run =
        run_program(with(words, typed(attempts, with_canary)), {},
                    files.scratch / fmt::format("{}-{}{}", column.name, name, strict ? "-strict" : ""));
    Verdict all{Fate::NotHere, ""};
    const Judged judged = judge(console_of(run.output), attempts, column.name, how_it_ended(run), with_canary);
    for (const Verdict& verdict : judged.verdicts) {
        all.add(verdict);
    }
    if (all.fate != Fate::Lost && run.status != 0) {
        all = {Fate::Lost, (strict ? "strictly: " : "") + first_violation(run.errors)};
    }
    return all;
}

} // namespace

std::vector<Verdict> attack_in_qemu(const Files& files, const Column& column, std::span<const Attempt> attempts)
{
    std::vector<Verdict> verdicts;
    for (unsigned boot = 0; verdicts.size() != attempts.size(); ++boot) {
        const auto rest = attempts.subspan(verdicts.size());
        const ProgramRun run = run_program(
            with({files.aethel.string(), "boot", "--cpu", column.option, "--timeout", "500", "--append", kBootOptions},
                 typed(rest, true)),
            {"AETHEL_BUILD_DIR=" + files.build.string()}, files.scratch / fmt::format("{}-{}", column.name, boot));
        const Judged judged = judge(run.output, rest, column.name, how_it_ended(run), true);
        verdicts.insert(verdicts.end(), judged.verdicts.begin(), judged.verdicts.end());
        if (judged.complete && run.status != 0) {
            verdicts.back() = {Fate::Lost, "after it the machine did not end: " + how_it_ended(run)};
        }
    }
    return verdicts;
}

Verdict attack_in_ringcheck(const Files& files, const Column& column, const Entry& entry)
{
    return in_one_boot(files, column, entry.id, entry.attempts, false);
}

Verdict attack_strictly(const Files& files, const Column& column, const std::string& name,
                        std::span<const Attempt> attempts)
{
    return in_one_boot(files, column, name, attempts, true);
}

std::vector<Verdict> run_tests(const Files& files, const Column& column, const std::vector<std::string>& tests)
{
    const ProgramRun run = run_program({(files.build / "tests/transition_tests").string(), "--gtest_color=no",
                                        fmt::format("--gtest_filter={}", fmt::join(tests, ":"))},
                                       {"AETHEL_VENDOR=" + column.option}, files.scratch / (column.name + "-tests"));
    std::vector<Verdict> verdicts;
    verdicts.reserve(tests.size());
    for (const std::string& test : tests) {
        verdicts.push_back(judge_tests(run.output, test));
    }
    return verdicts;
}

Verdict run_check(const Files& files, const std::string& script)
{
    const ProgramRun run = run_program(
        {(files.aethel.parent_path() / "tests/style" / script).string(), (files.build / "aethelos.elf").string()}, {},
        files.scratch / script);
    return run.status == 0 ? Verdict{}
                           : Verdict{Fate::Lost, script + ": " + run.output.substr(0, run.output.find('\n'))};
}

} // namespace attack
