// SPDX-License-Identifier: MIT
// What a program finds on its stack when it starts: argc, argv, envp and the auxiliary vector.
// [psABI AMD64 "Initial Stack and Register State", "Auxiliary Vector"]
#pragma once

#include "mm/user_memory.h"
#include "process/argument_block.h"

#include <cstdint>

namespace kernel {

struct InitialStack {
    const ArgumentBlock* strings = nullptr;  ///< what the four that follow are parts of
    ArgumentBlock::Run script;               ///< the first part of argv, when a script is what was to be executed
    ArgumentBlock::Run arguments;            ///< argv, or the rest of it
    ArgumentBlock::Run environment;          ///< "NAME=value"
    ArgumentBlock::Run executable_name;      ///< AT_EXECFN, one string
    arch::VirtAddr entry;                    ///< AT_ENTRY
    bool has_interpreter = false;            ///< then AT_BASE says where it is
    std::uint64_t interpreter_base = 0;      ///< what was added to its addresses
    arch::VirtAddr program_headers;          ///< AT_PHDR, 0 when they are not in memory
    std::uint16_t program_header_count = 0;  ///< AT_PHNUM
    std::uint64_t hardware_capabilities = 0; ///< AT_HWCAP: CPUID leaf 1, EDX
    arch::VirtAddr vdso;                     ///< AT_SYSINFO_EHDR
    std::uint8_t random[16] = {};            ///< AT_RANDOM points to a copy
};

/// Makes the stack's area in `memory`, ending at `top`, and its contents.
/// @param top  page-aligned
/// @return the RSP to start with: 16-byte aligned, argc at [RSP].  Paddings, and what is below RSP in its page, are
///         zero.  E2BIG: more than a quarter of what a stack may have.  ENOMEM.
base::Result<arch::VirtAddr> build_initial_stack(UserMemory& memory, arch::VirtAddr top, const InitialStack& stack);

} // namespace kernel
