// SPDX-License-Identifier: MIT
#include "stress/programs.h"

#include "attack/program_run.h"

#include <fmt/format.h>

#include <algorithm>

namespace stress {
namespace {

const std::string kDone = "exited with status 0", kKilled = "killed by SIGKILL";
/// What a program may execute in ringcheck: an hour is 3.6e12 when the CPU never sleeps.
constexpr std::uint64_t kProgram = 4'000'000'000'000;

/// The command, as often as it is to be run.
std::vector<std::string> lines_of(const Program& program, bool in_long)
{
    const unsigned times = in_long ? program.times_long : program.times_short;
    return std::vector<std::string>(times, "run " + (in_long ? program.in_long : program.in_short));
}

std::string first_word(const std::string& text)
{
    return text.substr(0, text.find(' '));
}

/// What is wrong about how `command` went.
std::string wrong_end(const attack::Command& command, const Program& program)
{
    const std::string outcome = attack::outcome_of(command, first_word(program.in_short));
    if (outcome == program.expected) {
        return "";
    }
    return fmt::format("expected '{}', got '{}', having said '{}'", program.expected, outcome,
                       attack::last_words(command));
}

Result judge_commands(std::span<const attack::Command> commands, const Program& program)
{
    Result result;
    for (const attack::Command& command : commands) {
        if (const std::string wrong = wrong_end(command, program); !wrong.empty()) {
            result.loss = wrong;
            return result;
        }
    }
    result.detail = commands.empty() ? "" : attack::last_words(commands.back());
    return result;
}

} // namespace

const std::vector<Program>& programs()
{
    static const std::vector<Program> all{
        {"spawns", "hello", "hello", kDone, 5, 1000},
        {"cycles", "cycles 100", "cycles 10000", kDone},
        {"exec-cycles", "exec_cycles 100", "exec_cycles 10000", kDone},
        {"killer", "killer 8 1", "killer 1000 1", kDone},
        {"exhaustion", "exhaustion 1", "exhaustion 20", kDone},
        {"fork-bomb", "fork_bomb", "fork_bomb", kKilled, 1, 5},
        {"fork-bomb-memory", "fork_bomb 60", "fork_bomb 60", kKilled, 1, 5},
        {"thread-bomb", "thread_bomb 2", "thread_bomb 3", kDone, 1, 5},
        {"crowd", "crowd 50 1 250 12", "crowd 50 3600 5000 12", kDone, 1, 1, false},
    };
    return all;
}

Result run_in_ringcheck(const Image& image, const Program& program, bool in_long)
{
    Session session(image, program.canary);
    session.keep_after({"run hello", "run nap"});
    ShellMachine& machine = session.machine();
    const std::size_t begin = machine.console_size();
    const std::uint64_t instructions = machine.instruction_count(), time = machine.now();
    const std::string failure = machine.type(lines_of(program, in_long), kProgram);
    Result result = judge_commands(attack::read_console(machine.console_since(begin)), program);
    constexpr double kMillion = 1e6, kSecond = 1e9;
    result.detail += fmt::format(" ({:.0f} M instructions, {:.1f} s of guest time)",
                                 static_cast<double>(machine.instruction_count() - instructions) / kMillion,
                                 static_cast<double>(machine.now() - time) / kSecond);
    if (!failure.empty()) {
        result.loss = failure + (result.loss.empty() ? "" : "; " + result.loss);
    }
    if (const std::string unhealthy = session.judge(); !unhealthy.empty()) {
        result.loss += (result.loss.empty() ? "" : "; ") + unhealthy;
    }
    return result;
}

Result run_in_qemu(const Qemu& qemu, const Program& program, bool in_long)
{
    // Fast enough for every program, and slow enough for an hour with 50 processes.
    const std::string shift = program.canary ? "3" : "6";
    std::vector<std::string> lines{"run hello", "run nap"};
    if (program.canary) {
        lines.insert(lines.begin(), "run canary");
    }
    const auto add = [&lines](const std::vector<std::string>& more) {
        lines.insert(lines.end(), more.begin(), more.end());
    };
    add(kHealthLines);
    const std::size_t before = lines.size();
    add(lines_of(program, in_long));
    const std::size_t after = lines.size();
    add({"run nap"}); // who is left ends meanwhile
    add(kHealthLines);
    const std::size_t all = lines.size();
    add({"poweroff"});

    std::vector<std::string> words{qemu.aethel.string(), "boot", "--cpu",     qemu.cpu,
                                   "--icount",           shift,  "--timeout", in_long ? "3000" : "200"};
    for (const std::string& line : lines) {
        words.insert(words.end(), {"--type", line});
    }
    const attack::ProgramRun run =
        attack::run_program(words, {"AETHEL_BUILD_DIR=" + qemu.build.string()}, qemu.scratch);
    const std::vector<attack::Command> commands = attack::read_console(run.output);
    if (run.status != 0 || commands.size() < all) {
        return {fmt::format("QEMU ended with status {} after '{}': {}", run.status,
                            commands.empty() ? "" : commands.back().line, run.errors.substr(0, run.errors.find('\n'))),
                ""};
    }
    const auto span = std::span(commands);
    Result result = judge_commands(span.subspan(before, after - before), program);
    const std::string changed = difference(Health::of(span.first(before)), Health::of(span.first(all)));
    if (!changed.empty()) {
        result.loss += (result.loss.empty() ? "" : "; ") + changed;
    }
    if (run.output.find("canary:") != std::string::npos) {
        result.loss += "; the canary was harmed";
    }
    return result;
}

} // namespace stress
