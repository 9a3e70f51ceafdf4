// SPDX-License-Identifier: MIT
#include "bench/process.h"

#include <algorithm>
#include <fcntl.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

namespace bench {

std::optional<pid_t> start(const std::vector<std::string>& arguments)
{
    std::vector<char*> words;
    words.reserve(arguments.size() + 1);
    for (const std::string& argument : arguments) {
        words.push_back(const_cast<char*>(argument.c_str()));
    }
    words.push_back(nullptr);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    pid_t process = 0;
    const int failed = posix_spawnp(&process, words[0], &actions, nullptr, words.data(), environ);
    posix_spawn_file_actions_destroy(&actions);
    return failed == 0 ? std::optional(process) : std::nullopt;
}

std::optional<double> time_of(const std::vector<std::string>& arguments)
{
    const auto process = start(arguments);
    int status = -1;
    rusage used{};
    if (!process || wait4(*process, &status, 0, &used) != *process || status != 0) {
        return std::nullopt;
    }
    const auto seconds = [](const timeval& time) {
        return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
    };
    return seconds(used.ru_utime) + seconds(used.ru_stime);
}

std::optional<double> best_time_of(const std::vector<std::string>& arguments, unsigned rounds)
{
    std::optional<double> best;
    for (unsigned round = 0; round != rounds; ++round) {
        const auto time = time_of(arguments);
        if (!time) {
            return std::nullopt;
        }
        best = best ? std::min(*best, *time) : time;
    }
    return best;
}

} // namespace bench
