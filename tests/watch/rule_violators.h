// SPDX-License-Identifier: MIT
// For each rule a run that violates it on purpose, beside one that differs in nothing else and does not.
#pragma once

#include <functional>
#include <string>
#include <vector>

namespace violators {

struct Violator {
    std::string rule; ///< the id that must be among those that run(true) gives
    /// @param spoilt  whether the one thing is wrong
    /// @return        the ids of the rules that were violated
    std::function<std::vector<std::string>(bool spoilt)> run;
};

/// Crossings that are told to the rules without a machine.
std::vector<Violator> by_crossings();
/// Guest code in a machine.
std::vector<Violator> by_guests();

} // namespace violators
