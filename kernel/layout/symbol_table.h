// SPDX-License-Identifier: MIT
// One entry of the table of function names that the build links into the image, in order of address.
#pragma once

#include <cstdint>

namespace layout {

struct SymbolEntry {
    std::uint64_t address;
    std::uint64_t name; ///< address of a NUL-terminated string
};
static_assert(sizeof(SymbolEntry) == 16);

} // namespace layout
