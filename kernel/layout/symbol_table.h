// SPDX-License-Identifier: MIT
// One entry of the table of function names that the build links into the image, in order of address.  It holds
// distances, which are the same wherever the kernel is.
#pragma once

#include <cstdint>

namespace layout {

struct SymbolEntry {
    std::uint32_t offset; ///< of the function, from the beginning of the text
    std::uint32_t name;   ///< of its NUL-terminated name, from the beginning of the table
};
static_assert(sizeof(SymbolEntry) == 8);

} // namespace layout
