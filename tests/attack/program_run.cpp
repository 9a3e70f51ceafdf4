// SPDX-License-Identifier: MIT
#include "attack/program_run.h"

#include <algorithm>
#include <fcntl.h>
#include <fstream>
#include <iterator>
#include <spawn.h>
#include <string_view>
#include <sys/wait.h>
#include <unistd.h>

namespace attack {
namespace {

std::string read_text(const std::string& path)
{
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

std::vector<char*> pointers(const std::vector<std::string>& texts)
{
    std::vector<char*> result;
    result.reserve(texts.size() + 1);
    for (const std::string& text : texts) {
        result.push_back(const_cast<char*>(text.c_str()));
    }
    result.push_back(nullptr);
    return result;
}

/// `environment` and what it does not set of ours: of a variable that is there twice, some shells take the last.
std::vector<std::string> with_ours(const std::vector<std::string>& environment)
{
    std::vector<std::string> all = environment;
    for (char** one = environ; *one != nullptr; ++one) {
        const std::string_view ours = *one, name = ours.substr(0, ours.find('=') + 1);
        if (std::ranges::none_of(environment, [name](const std::string& set) { return set.starts_with(name); })) {
            all.emplace_back(ours);
        }
    }
    return all;
}

} // namespace

ProgramRun run_program(const std::vector<std::string>& words, const std::vector<std::string>& environment,
                       const std::filesystem::path& files)
{
    const std::string output = files.string() + ".out", errors = files.string() + ".err";
    const std::vector<std::string> all = with_ours(environment);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, output.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, errors.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
    pid_t process = 0;
    const int failed =
        posix_spawn(&process, words[0].c_str(), &actions, nullptr, pointers(words).data(), pointers(all).data());
    posix_spawn_file_actions_destroy(&actions);
    ProgramRun run;
    int status = 0;
    if (failed == 0 && waitpid(process, &status, 0) == process) {
        constexpr int kSignal = 128;
        run.status = WIFEXITED(status) ? WEXITSTATUS(status) : kSignal + WTERMSIG(status);
    }
    run.output = read_text(output);
    run.errors = read_text(errors);
    return run;
}

} // namespace attack
