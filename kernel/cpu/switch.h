// SPDX-License-Identifier: MIT
// The assembly of the context switch, as C++ sees it.
#pragma once

#include "arch/address.h"

#include <cstdint>

extern "C" {
/// Saves the callee-saved registers and RSP, and goes on where `new_rsp` was saved.  IF = 0.
void switch_stacks(std::uint64_t* saved_rsp, std::uint64_t new_rsp);
/// Return address of a new user thread's stack; a TrapFrame lies above it.
void enter_user();
}
