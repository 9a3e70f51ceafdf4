// SPDX-License-Identifier: MIT
// System calls on the calling process.
#pragma once

#include <cstdint>

namespace kernel {

/// exit(2) and exit_group(2), the same while a Vessel has one thread: ends it with `status & 0xff`.
[[noreturn]] void exit(std::uint64_t status);

} // namespace kernel
