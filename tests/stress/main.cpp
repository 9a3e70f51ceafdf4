// SPDX-License-Identifier: MIT
// stress ROOT BUILD_FOLDER SCRATCH_FOLDER [--long] [--in MACHINE] [ROW]...: wears the kernel out, and looks whether
// everything comes back.
// Exit status: 0 it did, 1 something was lost, 2 the command line is wrong.
#include "attack/machines.h"
#include "stress/kills.h"
#include "stress/programs.h"
#include "stress/sweep.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <exception>
#include <functional>
#include <ranges>

namespace {

using namespace stress;

struct Plan {
    std::filesystem::path root, build, scratch;
    bool in_long = false;
    std::vector<std::string> rows, machines; ///< none: all
};

struct Job {
    std::string row, machine;
    std::function<Result()> run;
};

Image image_of(const Plan& plan, const attack::Column& column)
{
    return {(plan.build / "aethelos.elf").string(), (plan.build / "initrd.cpio").string(),
            column.option == "amd" ? ringcheck::model::Vendor::Amd : ringcheck::model::Vendor::Intel};
}

std::string first_of(const std::vector<std::string>& losses)
{
    return losses.empty() ? "" : fmt::format("{} lost, the first: {}", losses.size(), losses.front());
}

Result run_sweep(const Image& image, bool in_long)
{
    struct Subject {
        const char* line;
        bool careful;
        std::uint64_t step;
    };
    constexpr Subject kSubjects[] = {{"hello", true, 1},          {"scarcity", true, 31},  {"processes", false, 31},
                                     {"threads", false, 31},      {"sleepers", false, 31}, {"memory", false, 31},
                                     {"signals", false, 31},      {"exec", false, 31},     {"exec_cycles 4", false, 31},
                                     {"pipes unnamed", false, 31}};
    Session session(image);
    Sweep all;
    for (const Subject& subject : kSubjects) {
        session.keep_after({fmt::format("run {}", subject.line)});
        for (const bool from_there : {false, true}) {
            const Sweep one =
                sweep(session, {subject.line, subject.careful, from_there, 1, in_long ? 1 : subject.step});
            all.cases += one.cases;
            all.not_started += one.not_started;
            all.killed += one.killed;
            all.refused += one.refused;
            all.unharmed += one.unharmed;
            all.losses.insert(all.losses.end(), one.losses.begin(), one.losses.end());
        }
    }
    return {first_of(all.losses),
            fmt::format("{} cases: {} were not started, {} killed, {} went on refused, {} unharmed", all.cases,
                        all.not_started, all.killed, all.refused, all.unharmed)};
}

Result run_kills(const Image& image, bool in_long)
{
    // How long they run by themselves, canary included, is somewhere near `longest`.
    const KillPlan plans[] = {{"killer 1000 7", 1, in_long ? 600U : 15U, 30'000'000},
                              {"scarcity", 2, in_long ? 400U : 10U, 3'000'000},
                              {"processes", 3, in_long ? 400U : 10U, 20'000'000},
                              {"threads", 4, in_long ? 400U : 10U, 1'000'000},
                              {"memory", 5, in_long ? 200U : 10U, 300'000},
                              {"fork_bomb 0 1000", 6, in_long ? 100U : 3U, 30'000'000, true},
                              {"thread_bomb 3", 7, in_long ? 100U : 3U, 30'000'000, true},
                              {"exec_cycles 100", 8, in_long ? 400U : 10U, 20'000'000},
                              {"exec", 9, in_long ? 200U : 10U, 1'000'000},
                              {"pipes unnamed", 10, in_long ? 200U : 10U, 20'000'000},
                              {"signals", 11, in_long ? 200U : 10U, 1'000'000}};
    Session session(image);
    Kills all;
    for (const KillPlan& plan : plans) {
        session.keep_after({"run " + plan.line.substr(0, plan.line.find(' '))});
        const Kills one = kill_at_random(session, plan);
        all.killed += one.killed;
        all.too_late += one.too_late;
        all.losses.insert(all.losses.end(), one.losses.begin(), one.losses.end());
    }
    return {first_of(all.losses),
            fmt::format("{} were killed at random instructions, {} had ended before", all.killed, all.too_late)};
}

bool is_wanted(const std::vector<std::string>& wanted, const std::string& name)
{
    return wanted.empty() || std::ranges::find(wanted, name) != wanted.end();
}

std::vector<Job> jobs_of(const Plan& plan)
{
    std::vector<Job> jobs;
    const auto add = [&plan, &jobs](const std::string& row, const attack::Column& column, std::function<Result()> run) {
        if (is_wanted(plan.rows, row) && is_wanted(plan.machines, column.name)) {
            jobs.push_back({row, column.name, std::move(run)});
        }
    };
    for (const attack::Column& column : attack::kColumns | std::views::filter(&attack::Column::ringcheck)) {
        const Image image = image_of(plan, column);
        add("sweep", column, [image, &plan] { return run_sweep(image, plan.in_long); });
        add("kills", column, [image, &plan] { return run_kills(image, plan.in_long); });
    }
    for (const Program& program : programs()) {
        for (const attack::Column& column : attack::kColumns) {
            if (column.ringcheck) {
                const Image image = image_of(plan, column);
                add(program.name, column,
                    [image, &program, &plan] { return run_in_ringcheck(image, program, plan.in_long); });
                continue;
            }
            const Qemu qemu{plan.root / "aethel", plan.build, column.option,
                            plan.scratch / fmt::format("{}-{}", column.name, program.name)};
            add(program.name, column, [qemu, &program, &plan] { return run_in_qemu(qemu, program, plan.in_long); });
        }
    }
    return jobs;
}

bool read_plan(int argc, char** argv, Plan& plan)
{
    if (argc < 4) {
        return false;
    }
    plan.root = argv[1];
    plan.build = std::filesystem::absolute(argv[2]);
    plan.scratch = argv[3];
    for (int i = 4; i != argc; ++i) {
        const std::string word = argv[i];
        if (word == "--long") {
            plan.in_long = true;
        } else if (word == "--in" && i + 1 != argc) {
            plan.machines.emplace_back(argv[++i]);
        } else if (word.starts_with("-")) {
            return false;
        } else {
            plan.rows.push_back(word);
        }
    }
    return true;
}

/// A name on the command line that is none of a row or a machine, "" when there is none.
std::string unknown_name(const Plan& plan)
{
    std::vector<std::string> rows{"sweep", "kills"}, machines;
    for (const Program& program : programs()) {
        rows.push_back(program.name);
    }
    for (const attack::Column& column : attack::kColumns) {
        machines.push_back(column.name);
    }
    for (const auto& [wanted, known] : {std::pair(plan.rows, rows), std::pair(plan.machines, machines)}) {
        for (const std::string& name : wanted) {
            if (std::ranges::find(known, name) == known.end()) {
                return fmt::format("there is no {}, but {}", name, fmt::join(known, ", "));
            }
        }
    }
    return "";
}

Result run(const Job& job)
{
    try {
        return job.run();
    } catch (const std::exception& error) {
        return {error.what(), ""};
    }
}

} // namespace

int main(int argc, char** argv)
{
    Plan plan;
    if (!read_plan(argc, argv, plan)) {
        fmt::print(stderr, "usage: stress ROOT BUILD_FOLDER SCRATCH_FOLDER [--long] [--in MACHINE] [ROW]...\n");
        return 2;
    }
    if (const std::string unknown = unknown_name(plan); !unknown.empty()) {
        fmt::print(stderr, "stress: {}\n", unknown);
        return 2;
    }
    std::filesystem::create_directories(plan.scratch);
    unsigned lost = 0, survived = 0;
    for (const Job& job : jobs_of(plan)) {
        const Result result = run(job);
        ++(result.loss.empty() ? survived : lost);
        fmt::print("{:<17} {:<16} {:<9} {}\n", job.row, job.machine, result.loss.empty() ? "survived" : "LOST",
                   result.loss.empty() ? result.detail : result.loss);
        std::fflush(stdout);
    }
    fmt::print("{} survived, {} lost\n", survived, lost);
    return lost == 0 && survived != 0 ? 0 : 1;
}
