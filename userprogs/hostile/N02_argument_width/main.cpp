// SPDX-License-Identifier: MIT
// Hostile (catalogue N02): garbage in the upper half of arguments that are ints.
// expect call: exited with status 0
// expect exit: exited with status 5
#include "lib/cases.h"
#include "lib/linux.h"

namespace {

constexpr std::uint64_t kGarbage = 0xdead'beef'0000'0000;

int call()
{
    const char text[] = "fd is an int\n";
    if (user::write(kGarbage | 1, text, sizeof text - 1) != sizeof text - 1) {
        return user::broke("the upper half of a descriptor counted\n");
    }
    return user::write(kGarbage | 77, text, 1) == linux_abi::error(uapi::Error::Ebadf)
               ? user::kSurvived
               : user::broke("a descriptor that is not open was taken\n");
}

int exit()
{
    user::raw_call(linux_abi::kExit, kGarbage | 0x1205);
    return user::broke("exit came back\n");
}

constexpr user::Case kCases[] = {{"call", call}, {"exit", exit}};

} // namespace

int main()
{
    return user::run_case(kCases);
}
