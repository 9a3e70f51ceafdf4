// SPDX-License-Identifier: MIT
#include "mm/tlb.h"

#include "cpu/registers.h"

namespace kernel {

void invalidate_page(arch::VirtAddr page)
{
    asm volatile("invlpg (%0)" : : "r"(page.value) : "memory");
}

void invalidate_user_pages()
{
    write_cr3(arch::PhysAddr{read_cr3()});
}

bool is_current_root(arch::PhysAddr root)
{
    return read_cr3() == root.value;
}

} // namespace kernel
