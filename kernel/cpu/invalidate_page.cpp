// SPDX-License-Identifier: MIT
#include "mm/address_space.h"

namespace kernel {

void invalidate_page(arch::VirtAddr page)
{
    asm volatile("invlpg (%0)" : : "r"(page.value) : "memory");
}

} // namespace kernel
