// SPDX-License-Identifier: MIT
// What the shell says of the kernel's frames, tables and processes, so that two moments can be compared exactly.
#pragma once

#include "attack/console.h"

#include <span>
#include <string>
#include <vector>

namespace stress {

/// Typed to learn of it.
inline const std::vector<std::string> kHealthLines{"mem", "slots", "ps"};

struct Health {
    std::vector<std::string> memory, slots; ///< as `mem` and `slots` print them
    std::vector<std::string> names;         ///< who has a thread

    /// Of the last three commands, which are kHealthLines; with the names missing when they are not.
    static Health of(std::span<const attack::Command> commands);
    bool known() const { return !memory.empty() && !slots.empty() && !names.empty(); }
};

/// What is not as it was, in one line; "" when all is.
std::string difference(const Health& before, const Health& after);

} // namespace stress
