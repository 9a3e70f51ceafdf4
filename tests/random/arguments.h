// SPDX-License-Identifier: MIT
// Arguments that a system call may take seriously: between words that it refuses at once, they lead deeper into it.
#pragma once

#include "random/generator.h"
#include "uapi/syscalls.h"

namespace random_attack {

/// Argument `index` of the call `spec`: flags that exist, a length, a process that may be there, an address with a time
/// behind it.
std::uint64_t sensible_argument(Dice& dice, const Places& places, const uapi::SyscallSpec& spec, unsigned index);

} // namespace random_attack
