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
namespace {

/// How many of `count` bytes from `begin` on lie in user space; no sum can wrap.
std::uint64_t user_part(arch::VirtAddr begin, std::uint64_t count)
{
    if (begin >= layout::kUserEnd) {
        return 0;
    }
    const std::uint64_t room = layout::kUserEnd - begin;
    return count < room ? count : room;
}

} // namespace

std::uint64_t copy_from_user(base::Span<std::uint8_t> to, arch::VirtAddr from)
{
    const std::uint64_t count = user_part(from, to.size());
    return count - copy_user_bytes(to.data(), reinterpret_cast<const void*>(from.value), count);
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
