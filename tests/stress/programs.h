// SPDX-License-Identifier: MIT
// The programs of userprogs/stress/, each in a boot of its own, in QEMU and in ringcheck.
#pragma once

#include "stress/session.h"

#include <filesystem>
#include <string>
#include <vector>

namespace stress {

struct Program {
    std::string name;              ///< of the row
    std::string in_short, in_long; ///< what the shell runs: "cycles 500"; the crowd's is slower in QEMU
    std::string expected;          ///< how it ends: "exited with status 0"
    unsigned times_short = 1, times_long = 1;
    bool canary = true; ///< beside a canary the CPU never sleeps, and no hour passes
};

/// All of them, in the order of the table.
const std::vector<Program>& programs();

struct Result {
    std::string loss;   ///< "" when nothing was lost
    std::string detail; ///< what the program said of itself, and what it took
};

Result run_in_ringcheck(const Image& image, const Program& program, bool in_long);

struct Qemu {
    std::filesystem::path aethel, build; ///< the driver script, and where the kernel is
    std::string cpu;
    std::filesystem::path scratch; ///< what it prints goes to SCRATCH.out and SCRATCH.err
};
Result run_in_qemu(const Qemu& qemu, const Program& program, bool in_long);

} // namespace stress
