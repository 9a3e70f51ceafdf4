// SPDX-License-Identifier: MIT
// Jobs in several processes print and end as in one, and one that takes its process with it is told of.
#include "cli/program.h"
#include "cli/worker_processes.h"
#include "support/temporary_folder.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <stdexcept>
#include <string>
#include <sys/resource.h>
#include <unistd.h>
#include <vector>

namespace {

using namespace ringcheck::cli;
using testing::ElementsAre;
using testing::HasSubstr;

struct Said {
    std::vector<Status> statuses;
    std::string text; ///< "o" or "e" before what went to stdout or stderr
};

Said run(unsigned workers, std::size_t count, const std::function<Status(std::size_t)>& job)
{
    Said said;
    redirect_output([&said](OutputStream stream, std::string_view text) {
        said.text += fmt::format("{} {}", stream == OutputStream::Out ? 'o' : 'e', text);
    });
    said.statuses = do_in_processes(workers, count, job, [](std::size_t lost, const std::string& how) {
        print_out(fmt::format("{} {}\n", lost, how));
        return kDifference;
    });
    redirect_output({});
    return said;
}

/// The later a job, the sooner it is done.
Status say_and_wait(std::size_t job)
{
    print_out(fmt::format("{} begins\n", job));
    constexpr unsigned kMillisecond = 1000;
    usleep(static_cast<unsigned>(8 - job) * kMillisecond);
    print_error(fmt::format("{} has {}\n", job, std::string(100'000, 'x')));
    print_out(fmt::format("{} ends\n", job));
    return job % 3 == 0 ? kDifference : kPass;
}

TEST(WorkerProcesses, PrintWhatOneProcessPrints)
{
    const Said one = run(1, 8, say_and_wait), many = run(4, 8, say_and_wait);
    EXPECT_THAT(one.text, HasSubstr("7 ends"));
    EXPECT_EQ(many.text, one.text);
    EXPECT_EQ(many.statuses, one.statuses);
    EXPECT_THAT(many.statuses, ElementsAre(kDifference, kPass, kPass, kDifference, kPass, kPass, kDifference, kPass));
}

TEST(WorkerProcesses, AreIndeedOthers)
{
    const pid_t here = getpid();
    const auto is_here = [here](std::size_t) { return getpid() == here ? kPass : kDifference; };
    EXPECT_THAT(run(1, 2, is_here).statuses, ElementsAre(kPass, kPass));
    EXPECT_THAT(run(2, 2, is_here).statuses, ElementsAre(kDifference, kDifference));
    EXPECT_THAT(run(2, 1, is_here).statuses, ElementsAre(kPass)); // one job is not worth a process
}

TEST(WorkerProcesses, MayComeToAnEndUnderAJob)
{
    const Said said = run(2, 4, [](std::size_t job) {
        print_out(fmt::format("{} begins\n", job));
        if (job == 1) {
            raise(SIGKILL);
        }
        return kPass;
    });
    EXPECT_EQ(said.text, "o 0 begins\no 1 begins\no 1 was killed by signal 9 (Killed)\no 2 begins\no 3 begins\n");
    EXPECT_THAT(said.statuses, ElementsAre(kPass, kDifference, kPass, kPass));
}

TEST(WorkerProcesses, MayAllComeToAnEnd)
{
    const Said said = run(2, 5, [](std::size_t) {
        raise(SIGKILL);
        return kPass;
    });
    EXPECT_THAT(said.text, HasSubstr("o 1 was killed by signal 9 (Killed)\no 2 had come to an end before"));
    EXPECT_THAT(said.text, HasSubstr("o 4 had come to an end before, as all others had\n"));
    EXPECT_THAT(said.statuses, testing::Each(kDifference));
    EXPECT_EQ(said.statuses.size(), 5U);
}

TEST(WorkerProcesses, DoNotGoOnAsTheOneThatMadeThem)
{
    const pid_t here = getpid();
    const Said said = run(2, 2, [](std::size_t job) -> Status {
        if (job == 0) {
            close(STDERR_FILENO); // the C++ library would have some last words
            throw std::runtime_error("a job gives up");
        }
        return kPass;
    });
    if (getpid() != here) {
        _exit(kPass);
    }
    EXPECT_EQ(said.text, "o 0 was killed by signal 6 (Aborted)\n");
    EXPECT_THAT(said.statuses, ElementsAre(kDifference, kPass));
}

TEST(WorkerProcesses, AreFewerWhenThereCannotBeMore)
{
    rlimit before{};
    ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &before), 0);
    const int lowest = dup(STDOUT_FILENO);
    close(lowest);
    rlimit one = before;
    one.rlim_cur = static_cast<rlim_t>(lowest) + 2; // one pipe, of which one end stays
    ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &one), 0);
    const Said said = run(3, 3, [](std::size_t) { return kPass; });
    ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &before), 0);
    EXPECT_THAT(said.statuses, ElementsAre(kPass, kPass, kPass));
}

// One that fails, an injected one, and programs with and without children.
TEST(Replay, SaysTheSameWithSeveralProcesses)
{
    const support::TemporaryFolder folder;
    const std::string changed = folder.path("changed.trace");
    ASSERT_EQ(
        std::system(fmt::format("sed 's/status 0/status 1/' {}/hello.trace > {}", AETHEL_TRACES, changed).c_str()), 0);
    const std::string traces = fmt::format("\"$KERNEL\" \"$TRACES\"/hello.trace {} \"$TRACES\"/processes.trace "
                                           "\"$TRACES\"/injected/write.trace \"$TRACES\"/pie.trace",
                                           changed);
    for (const std::string json : {"", " --json"}) {
        const auto one = cli_test::ringcheck(fmt::format("replay --jobs 1 {}{}", traces, json));
        const auto three = cli_test::ringcheck(fmt::format("replay --jobs 3 {}{}", traces, json));
        EXPECT_EQ(one.status, 1);
        EXPECT_THAT(one.out, HasSubstr(json.empty() ? "4 of 5 traces pass" : "\"passed\":4"));
        EXPECT_EQ(three.status, one.status);
        EXPECT_EQ(three.out, one.out);
        EXPECT_EQ(three.err, one.err);
    }
}

} // namespace
