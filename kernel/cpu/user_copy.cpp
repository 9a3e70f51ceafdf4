// SPDX-License-Identifier: MIT
#include "cpu/user_copy.h"

#include "layout/address_map.h"

extern "C" {
std::uint64_t copy_user_bytes(void* to, const void* from, std::uint64_t count);

struct ExceptionTableEntry {
    std::uint64_t instruction, fixup;
};
extern const ExceptionTableEntry exception_table_begin[], exception_table_end[];
}

namespace kernel {
bool in_user_space(arch::VirtAddr begin, std::uint64_t count)
{
    return begin <= layout::kUserEnd && count <= layout::kUserEnd - begin;
}

std::uint64_t copy_from_user(base::Span<std::uint8_t> to, arch::VirtAddr from)
{
    if (!in_user_space(from, to.size())) {
        return 0;
    }
    return to.size() - copy_user_bytes(to.data(), reinterpret_cast<const void*>(from.value), to.size());
}

std::uint64_t copy_to_user(arch::VirtAddr to, base::Span<const std::uint8_t> from)
{
    if (!in_user_space(to, from.size())) {
        return 0;
    }
    return from.size() - copy_user_bytes(reinterpret_cast<void*>(to.value), from.data(), from.size());
}

arch::VirtAddr exception_fixup(arch::VirtAddr rip)
{
    for (const ExceptionTableEntry* entry = exception_table_begin; entry != exception_table_end; ++entry) {
        if (entry->instruction == rip.value) {
            return arch::VirtAddr{entry->fixup};
        }
    }
    return {};
}

} // namespace kernel
