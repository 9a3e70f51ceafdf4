// SPDX-License-Identifier: MIT
// A program that is run to its end, and what it printed.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace attack {

struct ProgramRun {
    int status = -1; ///< exit status; 128 and more: a signal; -1: it could not be started
    std::string output, errors;
};

/// @param words        the program, by its path, and its arguments
/// @param environment  added to ours: "NAME=value"
/// @param files        its output goes through FILES.out and FILES.err
ProgramRun run_program(const std::vector<std::string>& words, const std::vector<std::string>& environment,
                       const std::filesystem::path& files);

} // namespace attack
