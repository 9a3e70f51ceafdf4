// SPDX-License-Identifier: MIT
// The kernel's own function names, for backtraces.  The table is made from the linked image and linked in again.
#pragma once

#include "arch/address.h"
#include "base/string_view.h"

namespace kernel {

struct SymbolPlace {
    base::StringView name; ///< demangled; empty when no function of the kernel covers the address
    std::uint64_t offset;  ///< bytes from the function's start
};

SymbolPlace find_symbol(arch::VirtAddr address);

} // namespace kernel
