// SPDX-License-Identifier: MIT
// Hostile (catalogue M02): has the kernel write where the program itself may not.
// expect: exited with status 0
#include "lib/cases.h"
#include "lib/linux.h"

namespace {

constexpr std::uint64_t kSealed[8] = {1, 2, 3, 4, 5, 6, 7, 8};

bool sealed_holds()
{
    for (std::uint64_t i = 0; i < 8; ++i) {
        if (const_cast<const volatile std::uint64_t&>(kSealed[i]) != i + 1) {
            return false;
        }
    }
    return true;
}

} // namespace

int main()
{
    const auto sealed = reinterpret_cast<std::uint64_t>(kSealed), text = reinterpret_cast<std::uint64_t>(&main);
    const auto path = reinterpret_cast<std::uint64_t>("hello");
    const auto file = static_cast<std::uint64_t>(user::raw_call(linux_abi::kOpen, path, 0));
    unsigned tried = 0;
    for (const std::uint64_t address : {sealed, text}) {
        for (const std::int64_t result :
             {user::raw_call(linux_abi::kGetrandom, address, 16), user::raw_call(linux_abi::kClockGettime, 1, address),
              user::raw_call(linux_abi::kUname, address), user::raw_call(linux_abi::kFstat, 1, address),
              user::raw_call(linux_abi::kRead, file, address, 16)}) {
            tried += result == linux_abi::kBadAddress;
        }
        if (user::raw_call(linux_abi::kGetrandom, address, 16) > 0 || !sealed_holds()) {
            return user::broke("a read-only page was written\n");
        }
    }
    return tried != 0 ? user::kSurvived : user::not_here("needs a call that writes to user memory\n");
}
