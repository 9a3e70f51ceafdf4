// SPDX-License-Identifier: MIT
// Two logs side by side, and what the known differences say about them.
#pragma once

#include "conformance/compare/differences.h"
#include "conformance/compare/log.h"

#include <string>
#include <vector>

namespace conformance {

struct Comparison {
    std::size_t scenarios = 0; ///< of ringcheck's log
    unsigned agreements = 0;   ///< scenarios that agree in every field
    unsigned fields = 0;       ///< compared
    unsigned differences = 0;  ///< of these
    unsigned ringcheck_right = 0, oracle_right = 0, both_right = 0;
    std::vector<std::string> unexplained; ///< one line each
    std::vector<std::string> stale;       ///< known differences that did not occur, one line each

    bool passed() const { return unexplained.empty() && stale.empty(); }
};

/// @param oracle  its name, for the lines
Comparison compare(const std::vector<LogLine>& ours, const std::vector<LogLine>& theirs, const std::string& oracle,
                   std::vector<Difference> known);

} // namespace conformance
