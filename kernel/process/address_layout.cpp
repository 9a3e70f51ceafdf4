// SPDX-License-Identifier: MIT
#include "process/address_layout.h"

#include "base/sealed.h"

namespace kernel {
namespace {

SEALED constinit bool addresses_are_random = false;

// The stack at its lowest place, and largest, ends above everything that mmap(2) chooses; that, above all programs.
static_assert(layout::kUserStackTop - AddressLayout::kStackPages * arch::kPageSize - layout::kUserStackLimit -
                  layout::kUserStackGuard >
              layout::kUserMapTop);
static_assert(layout::kUserMapTop - AddressLayout::kMapPages * arch::kPageSize > layout::kUserProgramEnd);
static_assert(layout::kUserPieBase + AddressLayout::kProgramPages * arch::kPageSize + layout::kUserPieReach <=
              layout::kUserProgramEnd);

} // namespace

AddressLayout AddressLayout::choose(base::Random& random)
{
    return {.stack_top = layout::kUserStackTop - random.below(kStackPages) * arch::kPageSize,
            .map_top = layout::kUserMapTop - random.below(kMapPages) * arch::kPageSize,
            .heap_gap = (1 + random.below(kHeapPages)) * arch::kPageSize,
            .program_base = layout::kUserPieBase + random.below(kProgramPages) * arch::kPageSize};
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
