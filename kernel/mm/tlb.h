// SPDX-License-Identifier: MIT
// What the CPU remembers of page tables: effects, defined in cpu/ and recorded in host tests.
// [SDM 3A "Invalidation of TLBs and Paging-Structure Caches"]
#pragma once

#include "arch/address.h"

namespace kernel {

/// INVLPG: drops the translation of `page` on this CPU, and everything remembered of tables above the last level.
void invalidate_page(arch::VirtAddr page);

/// Loads CR3 again: drops every translation that is not global; no user page is.
void invalidate_user_pages();

/// True when CR3 holds `root`: only then can the CPU remember anything of its tables, because every load of CR3 drops
/// what was known of the tables before.
bool is_current_root(arch::PhysAddr root);

} // namespace kernel
