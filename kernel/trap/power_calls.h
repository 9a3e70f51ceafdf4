// SPDX-License-Identifier: MIT
// System calls that end the machine.
#pragma once

#include "base/result.h"

#include <cstdint>

namespace kernel {

/// reboot(2), which any program may call: restarts the machine, or switches it off (also to halt it).  EINVAL: another
/// magic number or command.
base::Result<std::uint64_t> reboot(std::uint64_t magic, std::uint64_t magic2, std::uint64_t command);

} // namespace kernel
