// SPDX-License-Identifier: MIT
#include "broken/ringcheck_program.h"

#include <cstdio>
#include <sys/wait.h>

namespace support {

ProgramResult ringcheck(const std::string& arguments)
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

std::string kernel(const std::string& mistake)
{
    return BROKEN_KERNELS "/" + mistake + ".elf";
}

} // namespace support
