// SPDX-License-Identifier: MIT
// Runs the model's tests once for each condition of the model, with that condition disabled: one of them must fail.
//   model_sweep [-v]    -v names the test that noticed each
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

[[noreturn]] void run_without(int number, char* name)
{
    sweep::disabled = number;
    auto& listeners = testing::UnitTest::GetInstance()->listeners();
    delete listeners.Release(listeners.default_result_printer());
    listeners.Append(new FirstFailure(name));
    alarm(kSeconds);
    if (std::freopen("/dev/null", "w", stderr) == nullptr) {
        _exit(1);
    }
    _exit(RUN_ALL_TESTS());
}

Verdict verdict(int status, const char* name)
{
    if (WIFEXITED(status)) {
        return {WEXITSTATUS(status) != 0, name};
    }
    const bool late = WTERMSIG(status) == SIGALRM;
    return {true, std::string(name) + (late ? " (does not end)" : " (the model crashes)")};
}

std::vector<Verdict> sweep_all(std::size_t processes)
{
    const std::size_t count = std::size(kChecks);
    void* const shared = mmap(nullptr, count * kNameBytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (shared == MAP_FAILED) {
        std::perror("model_sweep: mmap");
        std::exit(2);
    }
    char* const names = static_cast<char*>(shared);
    std::vector<Verdict> verdicts(count);
    std::map<pid_t, std::size_t> running;
    for (std::size_t next = 0; next != count || !running.empty();) {
        if (next != count && running.size() < processes) {
            const pid_t child = fork();
            if (child < 0) {
                std::perror("model_sweep: fork");
                std::exit(2);
            }
            if (child == 0) {
                run_without(kChecks[next].number, names + next * kNameBytes);
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
    const std::vector<Verdict> verdicts = sweep_all(std::max(1u, std::thread::hardware_concurrency()));
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
