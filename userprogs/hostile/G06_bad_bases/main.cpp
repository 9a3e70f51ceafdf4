// SPDX-License-Identifier: MIT
// Hostile (catalogue G06): asks arch_prctl for FS and GS bases that WRMSR refuses, and for the kernel's.
// expect: exited with status 0
#include "lib/cases.h"
#include "lib/hostile_addresses.h"
#include "lib/linux.h"

int main()
{
    constexpr std::uint64_t kSetGs = 0x1001, kSetFs = 0x1002;
    for (const std::uint64_t code : {kSetGs, kSetFs}) {
        for (const std::uint64_t address :
             {hostile::kNonCanonical, hostile::kPhysicalMap - 1, hostile::kPhysicalMap, hostile::kKernelImage,
              hostile::kLastByte, hostile::kLastUserPage + 0xfff + 1}) {
            const std::int64_t result = user::raw_call(linux_abi::kArchPrctl, code, address);
            if (result != linux_abi::error(uapi::Error::Eperm) && result != linux_abi::kNoSuchCall) {
                return user::broke("a base outside user space was taken\n");
            }
        }
    }
    return user::kSurvived;
}
