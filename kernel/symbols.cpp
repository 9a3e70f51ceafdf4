// SPDX-License-Identifier: MIT
#include "symbols.h"

#include "layout/symbol_table.h"

extern "C" {
extern const layout::SymbolEntry symbol_table_begin[], symbol_table_end[];
extern const char text_begin[], text_end[];
}

namespace kernel {

SymbolPlace find_symbol(arch::VirtAddr address)
{
    const auto first = reinterpret_cast<std::uint64_t>(text_begin);
    if (address.value < first || address.value >= reinterpret_cast<std::uint64_t>(text_end)) {
        return {};
    }
    const std::uint64_t offset = address.value - first;
    const layout::SymbolEntry* found = nullptr;
    for (const layout::SymbolEntry* entry = symbol_table_begin; entry != symbol_table_end; ++entry) {
        if (entry->offset > offset) {
            break;
        }
        found = entry;
    }
    if (found == nullptr) {
        return {};
    }
    return {reinterpret_cast<const char*>(symbol_table_begin) + found->name, offset - found->offset};
}

} // namespace kernel
