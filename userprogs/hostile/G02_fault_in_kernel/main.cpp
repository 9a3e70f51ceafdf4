// SPDX-License-Identifier: MIT
// Hostile (catalogue G02): makes the kernel fault in ring 0, where a second SWAPGS would be one too many.
// expect: exited with status 0
#include "lib/cases.h"
#include "lib/hostile_addresses.h"
#include "lib/linux.h"

int main()
{
    asm volatile("mov %0, %%gs" : : "r"(std::uint16_t{0x1b}));
    for (unsigned round = 0; round < 50; ++round) {
        if (user::write(1, reinterpret_cast<const void*>(hostile::kNonCanonical - 4096 - 8), 16) !=
            linux_abi::kBadAddress) {
            return user::broke("a bad address was taken\n");
        }
    }
    return user::kSurvived;
}
