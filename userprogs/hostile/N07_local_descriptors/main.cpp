// SPDX-License-Identifier: MIT
// Hostile (catalogue N07): asks for descriptors of its own, from which a 16-bit stack segment could be made.
// expect: exited with status 0
#include "lib/cases.h"
#include "lib/linux.h"

int main()
{
    std::uint32_t descriptor[4] = {0, 0, 0xfffff, 0};
    for (std::uint64_t function : {0UL, 1UL, 2UL, 17UL}) {
        if (user::raw_call(linux_abi::kModifyLdt, function, reinterpret_cast<std::uint64_t>(descriptor),
                           sizeof descriptor) != linux_abi::kNoSuchCall) {
            return user::broke("there is a modify_ldt\n");
        }
    }
    return user::kSurvived;
}
