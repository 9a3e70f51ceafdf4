// SPDX-License-Identifier: MIT
// Runs ringcheck itself, as a kernel author does.
#pragma once

#include <string>

namespace support {

struct ProgramResult {
    int status = -1; ///< as the program ended; -1: it was killed, or never ran
    std::string output;
};

/// Runs ringcheck with `arguments` through the shell.  Its standard error is dropped unless they say otherwise.
ProgramResult ringcheck(const std::string& arguments);

/// The file of the kernel with one mistake of kernel/mistake.h.
std::string kernel(const std::string& mistake);

} // namespace support
