// SPDX-License-Identifier: MIT
// What a program finds on its stack when it starts: argc, argv, envp and the auxiliary vector.
// [psABI AMD64 "Initial Stack and Register State", "Auxiliary Vector"]
#pragma once

#include "arch/address.h"
#include "base/result.h"
#include "base/span.h"
#include "base/string_view.h"

#include <cstdint>

namespace kernel {

struct InitialStack {
    base::Span<const base::StringView> arguments;   ///< argv[0] first
    base::Span<const base::StringView> environment; ///< "NAME=value"
    base::StringView executable_name;               ///< AT_EXECFN
    arch::VirtAddr entry;                           ///< AT_ENTRY
    arch::VirtAddr program_headers;                 ///< AT_PHDR, 0 when they are not in memory
    std::uint16_t program_header_count = 0;         ///< AT_PHNUM
    std::uint64_t hardware_capabilities = 0;        ///< AT_HWCAP: CPUID leaf 1, EDX
    std::uint8_t random[16] = {};                   ///< AT_RANDOM points to a copy
};

/// Writes the stack's contents into `bytes`, which stands for the memory [top - bytes.size(), top).
/// @param top  16-byte aligned
/// @return the RSP to start with: 16-byte aligned, argc at [RSP]; E2BIG when `bytes` is too small.
///         Bytes between `bytes`' begin and RSP, and paddings, are set to zero.
base::Result<arch::VirtAddr> build_initial_stack(base::Span<std::uint8_t> bytes, arch::VirtAddr top,
                                                 const InitialStack& stack);

} // namespace kernel
