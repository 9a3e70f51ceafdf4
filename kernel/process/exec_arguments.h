// SPDX-License-Identifier: MIT
// argv and envp of execve(2), out of the caller's memory.
#pragma once

#include "arch/address.h"
#include "process/argument_block.h"

namespace kernel {

/// One string, with its NUL, may be as long.  [execve(2) "MAX_ARG_STRLEN"]
inline constexpr std::uint64_t kMaximumArgument = 32 * arch::kPageSize;

/// Adds the strings that the null-terminated list of pointers at `list` names; each word and byte is read once.
/// @param list  a null address: no string
/// @return  EFAULT.  E2BIG: a string longer than kMaximumArgument, or the block is full.  ENOMEM.
base::Result<ArgumentBlock::Run> read_user_strings(ArgumentBlock& block, arch::VirtAddr list);

} // namespace kernel
