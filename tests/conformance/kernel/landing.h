// SPDX-License-Identifier: MIT
// Where a transfer that succeeds arrives: the INT that ends a scenario, and nothing else.
#pragma once

#include <cstdint>

namespace conformance::landing {

std::uint64_t kernel(); ///< executable in ring 0
std::uint64_t user();   ///< executable in ring 3

} // namespace conformance::landing
