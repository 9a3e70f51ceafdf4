// SPDX-License-Identifier: MIT
// Runs the model's tests once for each condition of the model, with that condition disabled: one of them must fail.
//   model_sweep [-v]    -v names the test that noticed each
// A test that never asks a condition does the same without it.  So the tests run once with all conditions, and are
// listened to; then those alone run without one that asked it.
// Exit status 0: each was noticed.  A condition whose removal changes nothing has no place in the model.
#include "sweep/off.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <iostream>
#include <map>
#include <string>
#include <string_view>
#include <sys/mman.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <vector>

namespace {

struct Check {
    int number;
    std::string_view file;
    int line;
    std::string_view kind, text;
};

constexpr Check kChecks[] = {
#define CHECK(number, file, line, kind, text) {number, file, line, kind, text},
#include "checks.inc"
#undef CHECK
};
static_assert(std::size(kChecks) <= sweep::kMostChecks);

/// For each check what --gtest_filter takes for the tests that ask it; empty: there is none.
using Filters = std::vector<std::string>;

/// How the tests ended without one check.
struct Verdict {
    bool noticed = false;
    std::string by; ///< the test, and how it ended if it did not simply fail
};

constexpr std::size_t kNameBytes = 256;
constexpr unsigned kSeconds = 60; ///< all the model's tests take less than one

/// Leaves the name of the running test where the parent sees it, and ends the process at the first failure.
class FirstFailure : public testing::EmptyTestEventListener {
public:
    explicit FirstFailure(char* name) : name_(name) {}
    void OnTestStart(const testing::TestInfo& test) override
    {
        const std::string full = std::string(test.test_suite_name()) + "." + test.name();
        std::strncpy(name_, full.c_str(), kNameBytes - 1);
    }
    void OnTestPartResult(const testing::TestPartResult& result) override
    {
        if (result.failed()) {
            _exit(1);
        }
    }

private:
    char* name_;
};

/// Zeroed memory that the processes share.
char* shared_memory(std::size_t bytes)
{
    void* const memory = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) {
        std::perror("model_sweep: mmap");
        std::exit(2);
    }
    return static_cast<char*>(memory);
}

pid_t fork_or_exit()
{
    const pid_t child = fork();
    if (child < 0) {
        std::perror("model_sweep: fork");
        std::exit(2);
    }
    return child;
}

[[noreturn]] void run_tests(testing::EmptyTestEventListener* listener)
{
    auto& listeners = testing::UnitTest::GetInstance()->listeners();
    delete listeners.Release(listeners.default_result_printer());
    listeners.Append(listener);
    alarm(kSeconds);
    if (std::freopen("/dev/null", "w", stderr) == nullptr) {
        _exit(1);
    }
    _exit(RUN_ALL_TESTS());
}

[[noreturn]] void run_without(int number, const std::string& filter, char* name)
{
    GTEST_FLAG_SET(filter, filter);
    sweep::disabled = number;
    run_tests(new FirstFailure(name));
}

/// Every test of the program, by its full name, in the order in which they run.
std::vector<std::string> names_of_tests()
{
    std::vector<std::string> names;
    const auto& all = *testing::UnitTest::GetInstance();
    for (int i = 0; i != all.total_test_suite_count(); ++i) {
        const auto& suite = *all.GetTestSuite(i);
        for (int j = 0; j != suite.total_test_count(); ++j) {
            names.push_back(std::string(suite.name()) + "." + suite.GetTestInfo(j)->name());
        }
    }
    return names;
}

/// Leaves in asked[test * kMostChecks + number] whether that test asked that check.
class Asked : public testing::EmptyTestEventListener {
public:
    Asked(const std::vector<std::string>& names, char* asked) : asked_(asked)
    {
        for (std::size_t i = 0; i != names.size(); ++i) {
            numbers_[names[i]] = i;
        }
    }
    /// What was asked before the first test, or between two, has to do with any of them.
    void OnTestStart(const testing::TestInfo&) override
    {
        for (std::size_t i = 0; i != numbers_.size(); ++i) {
            take(i);
        }
        clear();
    }
    void OnTestEnd(const testing::TestInfo& test) override
    {
        take(numbers_.at(std::string(test.test_suite_name()) + "." + test.name()));
        clear();
    }

private:
    void take(std::size_t test)
    {
        for (std::size_t number = 0; number != sweep::kMostChecks; ++number) {
            asked_[test * sweep::kMostChecks + number] |= static_cast<char>(sweep::reached[number]);
        }
    }
    static void clear() { std::ranges::fill(sweep::reached, false); }

    char* asked_;
    std::map<std::string, std::size_t> numbers_;
};

/// In a process of its own, for a test may keep what it once computed.
Filters who_asks()
{
    const std::vector<std::string> names = names_of_tests();
    char* const asked = shared_memory(names.size() * sweep::kMostChecks);
    const pid_t child = fork_or_exit();
    if (child == 0) {
        run_tests(new Asked(names, asked));
    }
    int status = 0;
    if (waitpid(child, &status, 0) != child || status != 0) {
        std::cerr << "model_sweep: a test fails although no condition is missing\n";
        std::exit(2);
    }
    Filters filters(std::size(kChecks));
    for (std::size_t test = 0; test != names.size(); ++test) {
        for (std::size_t i = 0; i != filters.size(); ++i) {
            if (asked[test * sweep::kMostChecks + static_cast<std::size_t>(kChecks[i].number)] != 0) {
                filters[i] += (filters[i].empty() ? "" : ":") + names[test];
            }
        }
    }
    return filters;
}

Verdict verdict(int status, const char* name)
{
    if (WIFEXITED(status)) {
        return {WEXITSTATUS(status) != 0, name};
    }
    const bool late = WTERMSIG(status) == SIGALRM;
    return {true, std::string(name) + (late ? " (does not end)" : " (the model crashes)")};
}

std::vector<Verdict> sweep_all(const Filters& filters, std::size_t processes)
{
    const std::size_t count = std::size(kChecks);
    char* const names = shared_memory(count * kNameBytes);
    std::vector<Verdict> verdicts(count);
    std::map<pid_t, std::size_t> running;
    for (std::size_t next = 0; next != count || !running.empty();) {
        if (next != count && filters[next].empty()) {
            ++next;
            continue;
        }
        if (next != count && running.size() < processes) {
            const pid_t child = fork_or_exit();
            if (child == 0) {
                run_without(kChecks[next].number, filters[next], names + next * kNameBytes);
            }
            running[child] = next++;
            continue;
        }
        int status = 0;
        const pid_t child = wait(&status);
        const std::size_t which = running.at(child);
        verdicts[which] = verdict(status, names + which * kNameBytes);
        running.erase(child);
    }
    return verdicts;
}

} // namespace

int main(int argc, char** argv)
{
    testing::InitGoogleTest(&argc, argv);
    const bool verbose = argc == 2 && std::string_view(argv[1]) == "-v";
    if (argc != 1 && !verbose) {
        std::cerr << "usage: model_sweep [-v]\n";
        return 2;
    }
    const std::vector<Verdict> verdicts = sweep_all(who_asks(), std::max(1u, std::thread::hardware_concurrency()));
    std::size_t noticed = 0;
    for (std::size_t i = 0; i != verdicts.size(); ++i) {
        const Check& check = kChecks[i];
        noticed += verdicts[i].noticed;
        if (verbose || !verdicts[i].noticed) {
            std::cout << check.file << ":" << check.line << ": " << check.kind << " " << check.text << ": "
                      << (verdicts[i].noticed ? verdicts[i].by : "no test notices that it is missing") << "\n";
        }
    }
    std::cout << noticed << "/" << verdicts.size() << " conditions of the model: a test fails without it\n";
    return noticed == verdicts.size() ? 0 : 1;
}
