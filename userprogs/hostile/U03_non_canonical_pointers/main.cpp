// SPDX-License-Identifier: MIT
// Hostile (catalogue U03): addresses at which the CPU raises #GP rather than #PF, in the kernel's hands.
// expect: exited with status 0
#include "lib/cases.h"
#include "lib/hostile_addresses.h"
#include "lib/linux.h"

int main()
{
    for (const std::uint64_t address : {hostile::kNonCanonical, hostile::kNonCanonical + 0x1234,
                                        hostile::kPhysicalMap - 1, std::uint64_t{0x4141'4141'4141'4141}}) {
        if (user::write(1, reinterpret_cast<const void*>(address), 1) != linux_abi::kBadAddress) {
            return user::broke("a non-canonical address was taken\n");
        }
    }
    return user::kSurvived;
}
