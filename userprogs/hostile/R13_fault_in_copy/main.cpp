// SPDX-License-Identifier: MIT
// Hostile (catalogue R13): makes the kernel's copy of user memory fault again and again, and then lets it copy well.
// An AC that the fixup left set would show in ringcheck at the next entry.
// expect: exited with status 0
#include "lib/cases.h"
#include "lib/flags.h"
#include "lib/hostile_addresses.h"
#include "lib/linux.h"

int main()
{
    for (const std::uint64_t address : hostile::kBad) {
        if (user::write(1, reinterpret_cast<const void*>(address), 8) != linux_abi::kBadAddress) {
            return user::broke("a bad address was taken\n");
        }
        if (flags::call_with(0).result != linux_abi::kNoSuchCall) {
            return user::broke("the call after it went wrong\n");
        }
    }
    return user::print("and a good one\n") == 15 ? user::kSurvived : user::broke("a good address was refused\n");
}
