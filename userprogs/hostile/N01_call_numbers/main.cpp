// SPDX-License-Identifier: MIT
// Hostile (catalogue N01): numbers that are a known call's in their lower bits only.
// expect: exited with status 0
#include "lib/cases.h"
#include "lib/linux.h"

int main()
{
    constexpr std::uint64_t kX32 = 0x4000'0000, kAbove = std::uint64_t{1} << 32;
    constexpr std::uint64_t kNumbers[] = {
        ~std::uint64_t{0},
        std::uint64_t{1} << 31,
        std::uint64_t{1} << 63,
        kAbove + linux_abi::kWrite,
        kAbove + linux_abi::kExit,
        kX32 + linux_abi::kWrite,
        kX32 + linux_abi::kExit,
        0xffff'ffff,
        0xffff'ffff'0000'0000 + linux_abi::kWrite,
        (std::uint64_t{1} << 63) + linux_abi::kExit,
        512,
        1000,
        4096,
        0x10000 + linux_abi::kWrite,
        ~std::uint64_t{0} - 37,
    };
    for (const std::uint64_t number : kNumbers) {
        if (user::raw_call(number, 1, reinterpret_cast<std::uint64_t>("x"), 1) != linux_abi::kNoSuchCall) {
            return user::broke("a number was taken for another\n");
        }
    }
    return user::kSurvived;
}
