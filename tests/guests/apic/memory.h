// SPDX-License-Identifier: MIT
// One address space: the kernel's image in the last 2 GiB, the program and its threads' stacks below.
#pragma once

#include <cstdint>

inline constexpr unsigned kThreads = 3;
inline constexpr std::uint64_t kUserBegin = 0x4000'0000, kUserEnd = 0x4020'0000;
/// A page that the program may write: the word that its threads take turns by, and their local storage.
inline constexpr std::uint64_t kSharedData = 0x4010'0000;
inline constexpr std::uint64_t kUserPage = 0x1000;

/// First address above the stack of a thread; a missing page lies below each stack.
inline constexpr std::uint64_t user_stack_top(unsigned thread)
{
    return kUserEnd - thread * 2 * kUserPage;
}

/// Maps everything with the rights of its section and loads the tables. @return the physical address of the PML4
std::uint64_t build_address_space();
