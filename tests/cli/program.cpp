// SPDX-License-Identifier: MIT
#include "cli/program.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>
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

Folder::Folder()
{
    std::string pattern = (std::filesystem::temp_directory_path() / "ringcheck-XXXXXX").string();
    if (mkdtemp(pattern.data()) == nullptr) {
        throw std::runtime_error("no folder for temporary files");
    }
    folder_ = pattern;
}

Folder::~Folder()
{
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
}

Ran ringcheck(const std::string& arguments)
{
    const Folder folder;
    const std::string command = "KERNEL='" AETHEL_DEFAULT_KERNEL "' TRACES='" AETHEL_TRACES "' && '" AETHEL_RINGCHECK
                                "' " +
                                arguments + " >'" + folder.path("out") + "' 2>'" + folder.path("err") + "' </dev/null";
    const int status = std::system(command.c_str());
    return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, read_file(folder.path("out")), read_file(folder.path("err"))};
}

} // namespace cli_test
