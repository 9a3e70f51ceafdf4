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

} // namespace

AddressLayout AddressLayout::choose(base::Random& random)
{
    return {.stack_top = layout::kUserStackTop - random.below(kStackPages) * arch::kPageSize,
            .map_top = layout::kUserMapTop - random.below(kMapPages) * arch::kPageSize,
            .heap_gap = random.below(kHeapPages) * arch::kPageSize};
}

void randomise_addresses()
{
    addresses_are_random = true;
}

AddressLayout next_address_layout()
{
    return addresses_are_random ? AddressLayout::choose(base::random) : AddressLayout{};
}

} // namespace kernel
