// SPDX-License-Identifier: MIT
#include "cli/program.h"

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <sys/wait.h>

namespace cli_test {

std::vector<std::string> Ran::lines() const
{
    std::vector<std::string> lines;
    std::istringstream stream(out);
    for (std::string line; std::getline(stream, line);) {
        lines.push_back(line);
    }
    return lines;
}

std::string read_file(const std::string& path)
{
    std::ifstream file(path, std::ios::binary);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

Ran ringcheck(const std::string& arguments)
{
    const support::TemporaryFolder folder;
    const std::string command = "KERNEL='" AETHEL_DEFAULT_KERNEL "' TRACES='" AETHEL_TRACES "' && '" AETHEL_RINGCHECK
                                "' " +
                                arguments + " >'" + folder.path("out") + "' 2>'" + folder.path("err") + "' </dev/null";
    const int status = std::system(command.c_str());
    return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, read_file(folder.path("out")), read_file(folder.path("err"))};
}

} // namespace cli_test
