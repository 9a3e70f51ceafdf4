// SPDX-License-Identifier: MIT
// attack ROOT BUILD_FOLDER SCRATCH_FOLDER [--short] [ID...]: attacks the kernel in QEMU and in ringcheck, and prints
// what it survived.  --short: instruction by instruction on the CPU of one vendor only and not what is long, the tests
// on that of the other only. Exit status: 0 all of it, 1 something was lost, 2 the command line or the catalogue is
// wrong.
#include "attack/catalogue.h"
#include "attack/machines.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <functional>
#include <iterator>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <thread>

namespace {

using attack::Entry;
using attack::Fate;
using attack::Verdict;

/// By entry and column; nothing where an id has neither programs nor tests for it.
using Table = std::vector<std::array<std::optional<Verdict>, attack::kColumns.size()>>;

void add(std::optional<Verdict>& cell, const Verdict& verdict)
{
    if (cell) {
        cell->add(verdict);
    } else {
        cell = verdict;
    }
}

void fill_from_qemu(const attack::Files& files, const std::vector<Entry>& entries, std::size_t column, Table& table)
{
    std::vector<attack::Attempt> attempts;
    std::vector<std::size_t> owners;
    for (std::size_t i = 0; i != entries.size(); ++i) {
        attempts.insert(attempts.end(), entries[i].attempts.begin(), entries[i].attempts.end());
        owners.insert(owners.end(), entries[i].attempts.size(), i);
    }
    const std::vector<Verdict> verdicts = attack::attack_in_qemu(files, attack::kColumns[column], attempts);
    for (std::size_t i = 0; i != verdicts.size(); ++i) {
        add(table[owners[i]][column], verdicts[i]);
    }
}

void fill_from_tests(const attack::Files& files, const std::vector<Entry>& entries, std::size_t column, Table& table)
{
    std::vector<std::string> tests;
    std::vector<std::size_t> owners;
    for (std::size_t i = 0; i != entries.size(); ++i) {
        tests.insert(tests.end(), entries[i].tests.begin(), entries[i].tests.end());
        owners.insert(owners.end(), entries[i].tests.size(), i);
    }
    if (tests.empty()) {
        return;
    }
    const std::vector<Verdict> verdicts = attack::run_tests(files, attack::kColumns[column], tests);
    for (std::size_t i = 0; i != verdicts.size(); ++i) {
        add(table[owners[i]][column], verdicts[i]);
    }
}

/// The same image boots in all of them.
void fill_from_checks(const attack::Files& files, const std::vector<Entry>& entries, Table& table)
{
    std::map<std::string, Verdict> verdicts;
    for (std::size_t i = 0; i != entries.size(); ++i) {
        for (const std::string& script : entries[i].checks) {
            if (!verdicts.contains(script)) {
                verdicts[script] = attack::run_check(files, script);
            }
            for (auto& cell : table[i]) {
                add(cell, verdicts[script]);
            }
        }
    }
}

void leave_tests_out(const std::vector<Entry>& entries, std::size_t column, Table& table)
{
    for (std::size_t i = 0; i != entries.size(); ++i) {
        if (!entries[i].tests.empty()) {
            table[i][column] = Verdict{Fate::NotHere, "with --short its tests run on the other CPU only"};
        }
    }
}

/// What of an entry is looked at by each instruction.
std::vector<attack::Attempt> strict_attempts(const Entry& entry, bool in_short)
{
    std::vector<attack::Attempt> attempts;
    if (!in_short || !entry.is_long) {
        std::ranges::remove_copy_if(entry.attempts, std::back_inserter(attempts), &attack::Attempt::is_long);
    }
    return attempts;
}

/// So many entries share a boot that is looked at by each instruction, which takes as long as what most of them do.
constexpr std::size_t kEntriesOfAStrictBoot = 8;

/// What is lost of the entries with these numbers, which have strict attempts.  When something is lost in their boot,
/// each has one of its own; when nothing is lost there, it took all of them, and the first is told of it.
void fill_strictly(const attack::Files& files, const std::vector<Entry>& entries, std::size_t column,
                   const std::vector<std::size_t>& numbers, bool in_short, Table& table)
{
    const auto& machine = attack::kColumns[column];
    std::vector<attack::Attempt> all;
    for (const std::size_t number : numbers) {
        std::ranges::copy(strict_attempts(entries[number], in_short), std::back_inserter(all));
    }
    const auto lost = [&](const std::string& name, std::span<const attack::Attempt> attempts) {
        const Verdict verdict = attack::attack_strictly(files, machine, name, attempts);
        return verdict.fate == Fate::Lost ? std::optional(verdict) : std::nullopt;
    };
    const std::optional<Verdict> together = lost("from-" + entries[numbers[0]].id, all);
    if (!together) {
        return;
    }
    bool any_alone = false;
    for (const std::size_t number : numbers) {
        table[number][column] = lost(entries[number].id, strict_attempts(entries[number], in_short));
        any_alone = any_alone || table[number][column];
    }
    if (!any_alone) {
        table[numbers[0]][column] = together;
    }
}

/// The numbers of the entries that have strict attempts, by boot.
std::vector<std::vector<std::size_t>> strict_boots(const std::vector<Entry>& entries, bool in_short)
{
    std::vector<std::vector<std::size_t>> boots;
    for (std::size_t i = 0; i != entries.size(); ++i) {
        if (strict_attempts(entries[i], in_short).empty()) {
            continue;
        }
        if (boots.empty() || boots.back().size() == kEntriesOfAStrictBoot) {
            boots.emplace_back();
        }
        boots.back().push_back(i);
    }
    return boots;
}

/// What there is to do, the longest first; no two of them write to the same cell.
Table attack_everywhere(const attack::Files& files, const std::vector<Entry>& entries, bool in_short)
{
    Table table(entries.size()), by_tests(entries.size()), strictly(entries.size());
    std::vector<std::function<void()>> jobs;
    for (std::size_t column = 0; column != attack::kColumns.size(); ++column) {
        if (!attack::kColumns[column].ringcheck) {
            jobs.emplace_back([&, column] { fill_from_qemu(files, entries, column, table); });
        }
    }
    for (std::size_t column = 0; column != attack::kColumns.size(); ++column) {
        if (!attack::kColumns[column].ringcheck) {
            continue;
        }
        // The tests by themselves run on an Intel CPU.
        const bool intel = attack::kColumns[column].option == "intel";
        if (in_short && intel) {
            leave_tests_out(entries, column, by_tests);
        } else {
            jobs.emplace_back([&, column] { fill_from_tests(files, entries, column, by_tests); });
        }
        if (!in_short || intel) {
            for (const auto& numbers : strict_boots(entries, in_short)) {
                jobs.emplace_back(
                    [&, column, numbers] { fill_strictly(files, entries, column, numbers, in_short, strictly); });
            }
        }
        for (std::size_t i = 0; i != entries.size(); ++i) {
            if (!entries[i].attempts.empty()) {
                jobs.emplace_back([&, column, i] {
                    table[i][column] = attack::attack_in_ringcheck(files, attack::kColumns[column], entries[i]);
                });
            }
        }
    }
    std::atomic<std::size_t> next = 0;
    {
        std::vector<std::jthread> workers;
        for (unsigned i = 0; i != std::max(2U, std::thread::hardware_concurrency()); ++i) {
            workers.emplace_back([&] {
                for (std::size_t job = next++; job < jobs.size(); job = next++) {
                    jobs[job]();
                }
            });
        }
    }
    for (std::size_t i = 0; i != entries.size(); ++i) {
        for (std::size_t column = 0; column != attack::kColumns.size(); ++column) {
            for (const auto* more : {&by_tests, &strictly}) {
                if (const auto& cell = (*more)[i][column]) {
                    add(table[i][column], *cell);
                }
            }
        }
    }
    fill_from_checks(files, entries, table);
    return table;
}

const char* word(const std::optional<Verdict>& cell)
{
    return !cell || cell->fate == Fate::NotHere ? "n.a." : cell->fate == Fate::Lost ? "LOST" : "survived";
}

std::string why_not(const Entry& entry, const std::optional<Verdict>& cell)
{
    return cell                      ? cell->reason
           : !entry.not_here.empty() ? entry.not_here
                                     : "needs ringcheck's CPU, or an event at an exact instruction";
}

/// @return how many cells are lost
unsigned print(const std::vector<Entry>& entries, const Table& table)
{
    unsigned lost = 0, survived = 0;
    std::string losses;
    std::map<std::string, std::set<std::string>> absent;
    fmt::print("{:<4} {:<58}", "id", "attack");
    for (const attack::Column& column : attack::kColumns) {
        fmt::print(" {:<15}", column.name);
    }
    fmt::print("\n");
    for (std::size_t i = 0; i != entries.size(); ++i) {
        std::string line = fmt::format("{:<4} {:<58}", entries[i].id, entries[i].title);
        for (std::size_t column = 0; column != attack::kColumns.size(); ++column) {
            const auto& cell = table[i][column];
            line += fmt::format(" {:<15}", word(cell));
            if (!cell || cell->fate == Fate::NotHere) {
                absent[why_not(entries[i], cell)].insert(entries[i].id);
            } else if (cell->fate == Fate::Survived) {
                ++survived;
            } else {
                ++lost;
                losses += fmt::format("LOST {} {}: {}\n", entries[i].id, attack::kColumns[column].name, cell->reason);
            }
        }
        fmt::print("{}\n", line.substr(0, line.find_last_not_of(' ') + 1));
    }
    for (const auto& [reason, ids] : absent) {
        std::string list;
        for (const std::string& id : ids) {
            list += (list.empty() ? "" : " ") + id;
        }
        fmt::print("n.a. {}: {}\n", list, reason);
    }
    fmt::print("{}{} survived, {} lost\n", losses, survived, lost);
    return survived == 0 ? lost + 1 : lost;
}

} // namespace

int main(int argc, char** argv)
{
    if (argc < 4) {
        fmt::print(stderr, "usage: attack ROOT BUILD_FOLDER SCRATCH_FOLDER [--short] [ID...]\n");
        return 2;
    }
    const std::filesystem::path root = argv[1];
    auto entries = attack::load_catalogue(root / "tests/attack/catalogue.txt", root / "userprogs/hostile");
    if (!entries) {
        fmt::print(stderr, "attack: {}\n", entries.error());
        return 2;
    }
    std::set<std::string> wanted(argv + 4, argv + argc);
    const bool in_short = wanted.erase("--short") != 0;
    for (const std::string& id : wanted) {
        if (std::ranges::find(*entries, id, &Entry::id) == entries->end()) {
            fmt::print(stderr, "attack: there is no id {}\n", id);
            return 2;
        }
    }
    std::erase_if(*entries, [&wanted](const Entry& entry) { return !wanted.empty() && !wanted.contains(entry.id); });
    const attack::Files files{root / "aethel", std::filesystem::absolute(argv[2]), argv[3]};
    std::filesystem::create_directories(argv[3]);
    return print(*entries, attack_everywhere(files, *entries, in_short)) == 0 ? 0 : 1;
}
