// SPDX-License-Identifier: MIT
// How a target says that an input has broken more than the absence of a crash.
#pragma once

#include <cstdio>
#include <cstdlib>

namespace fuzz {

/// Ends the target, which makes the input a finding.
/// @param what  the property, as the sentence that should have held
inline void require(bool holds, const char* what)
{
    if (!holds) {
        std::fprintf(stderr, "does not hold: %s\n", what);
        std::abort();
    }
}

} // namespace fuzz
