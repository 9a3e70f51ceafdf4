// SPDX-License-Identifier: MIT
#include "process/address_layout.h"

#include "arch/paging.h"
#include "base/min_max.h"
#include "base/sealed.h"

namespace kernel {
namespace {

SEALED constinit bool addresses_are_random = false;

static_assert(layout::kUserStackTop + layout::kUserVdsoDistance < layout::kUserEnd);
// The stack at its lowest place, and largest, ends above everything that mmap(2) chooses; that, above all programs.
static_assert(layout::kUserStackTop - AddressLayout::kStackPages * arch::kPageSize - layout::kUserStackLimit -
                  layout::kUserStackGuard >
              layout::kUserMapTop);
static_assert(layout::kUserMapTop - AddressLayout::kMapPages * arch::kPageSize > layout::kUserProgramEnd);
static_assert(layout::kUserPieBase + AddressLayout::kProgramPages * arch::kPageSize + layout::kUserPieReach <=
              layout::kUserProgramEnd);

} // namespace

arch::VirtAddr place_vdso(arch::VirtAddr stack_top, base::Random& random)
{
    const arch::VirtAddr lowest = stack_top + layout::kUserVdsoDistance;
    const std::uint64_t in_table = arch::kTableEntries - arch::table_index(lowest.value, 1),
                        in_user_space = (layout::kUserEnd - lowest) / arch::kPageSize;
    return lowest + random.below(base::min(in_table, in_user_space)) * arch::kPageSize;
}

AddressLayout AddressLayout::choose(base::Random& random)
{
    const arch::VirtAddr stack_top = layout::kUserStackTop - random.below(kStackPages) * arch::kPageSize;
    return {.stack_top = stack_top,
            .map_top = layout::kUserMapTop - random.below(kMapPages) * arch::kPageSize,
            .heap_gap = (1 + random.below(kHeapPages)) * arch::kPageSize,
            .program_base = layout::kUserPieBase + random.below(kProgramPages) * arch::kPageSize,
            .vdso = place_vdso(stack_top, random)};
}

void randomise_addresses()
{
    addresses_are_random = true;
}

bool addresses_randomised()
{
    return addresses_are_random;
}

AddressLayout next_address_layout()
{
    return addresses_are_random ? AddressLayout::choose(base::random) : AddressLayout{};
}

} // namespace kernel
