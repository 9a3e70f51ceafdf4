// SPDX-License-Identifier: MIT
// No memory at each moment: a program again and again, each time another allocation of a frame fails.
#pragma once

#include "stress/session.h"

#include <cstdint>
#include <string>
#include <vector>

namespace stress {

struct SweepPlan {
    std::string line;        ///< how the program is started: "pipes unnamed" without "run"
    bool careful = false;    ///< it takes a refusal for an answer: any end but 0, 12 (ENOMEM) and SIGKILL is a loss
    bool from_there = false; ///< all further allocations fail too
    std::uint64_t first = 1, step = 1;
};

struct Sweep {
    std::uint64_t cases = 0;
    std::uint64_t not_started = 0, killed = 0, unharmed = 0, refused = 0; ///< how the program ended
    std::vector<std::string> losses;                                      ///< one line each
};

/// From the plan's first allocation on, until the program needs none that fails.
/// @param session  kept after the program has run once
Sweep sweep(Session& session, const SweepPlan& plan);

} // namespace stress
