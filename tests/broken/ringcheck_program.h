// SPDX-License-Identifier: MIT
// Runs ringcheck itself, as a kernel author does.
#pragma once

#include <cstdio>
#include <string>
#include <sys/wait.h>

namespace support {

struct ProgramResult {
    int status = -1; ///< as the program ended; -1: it was killed, or never ran
    std::string output;
};

/// Runs ringcheck with `arguments` through the shell.  Its standard error is dropped unless they say otherwise.
inline ProgramResult ringcheck(const std::string& arguments)
{
    ProgramResult result;
    const std::string redirected = arguments.find("2>") == std::string::npos ? " 2>/dev/null" : "";
    std::FILE* const pipe = popen((RINGCHECK " " + arguments + redirected).c_str(), "r");
    if (pipe == nullptr) {
        return result;
    }
    char part[4096];
    for (std::size_t got = 0; (got = std::fread(part, 1, sizeof part, pipe)) != 0;) {
        result.output.append(part, got);
    }
    const int status = pclose(pipe);
    result.status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    return result;
}

} // namespace support
