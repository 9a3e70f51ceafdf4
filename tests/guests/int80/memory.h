// SPDX-License-Identifier: MIT
// Address spaces.  The kernel's image lies at its physical addresses, each page with the rights of its section; a task
// has the programs' code, a page that all tasks share, and a stack of its own.
#pragma once

#include <cstdint>

inline constexpr std::uint64_t kUserBegin = 0x4000'0000, kUserEnd = 0x4020'0000;
inline constexpr std::uint64_t kSharedPage = 0x4010'0000, kUserStackTop = kUserEnd;

/// Maps the kernel's image in tables of its own.
void build_kernel_tables();
/// Builds task `index`'s address space. @return the physical address of its PML4
std::uint64_t build_address_space(unsigned index);
