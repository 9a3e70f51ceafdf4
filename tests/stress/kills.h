// SPDX-License-Identifier: MIT
// Kills at random instructions: a program that is busy is ended from the console, whatever it or the kernel does then.
#pragma once

#include "stress/session.h"

#include <cstdint>
#include <string>
#include <vector>

namespace stress {

struct KillPlan {
    std::string line; ///< how the program is started: "killer 1000 7" without "run"
    std::uint64_t seed = 0, cases = 0;
    std::uint64_t longest = 0; ///< the last instruction, counted from the start of the command
    bool whole_group = false;  ///< `kill` is for all that it has made, who would go on making more
};

struct Kills {
    std::uint64_t killed = 0, too_late = 0; ///< how many ended by it, and by themselves before
    std::vector<std::string> losses;
};

/// Half of the cases run in the foreground and are ended by Ctrl-C, the others by the shell's `kill`.
Kills kill_at_random(Session& session, const KillPlan& plan);

} // namespace stress
