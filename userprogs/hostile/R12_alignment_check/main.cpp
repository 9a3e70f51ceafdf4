// SPDX-License-Identifier: MIT
// Hostile (catalogue R12): enters the kernel with AC = 1, which would lift SMAP.
// expect call: exited with status 0
// expect breakpoint: killed by SIGTRAP: #BP
// expect timer: exited with status 0
#include "lib/cases.h"
#include "lib/flags.h"
#include "lib/linux.h"
#include "lib/registers.h"

namespace {

constexpr char kText[] = "written with AC set\n";

int call()
{
    const auto after = flags::call_with(flags::kAlignmentCheck, linux_abi::kWrite, 1,
                                        reinterpret_cast<std::uint64_t>(kText), sizeof kText - 1);
    if (after.result != sizeof kText - 1) {
        return user::broke("the text was not written\n");
    }
    return (after.flags & flags::kAlignmentCheck) != 0 ? user::kSurvived : user::broke("AC was lost\n");
}

int breakpoint()
{
    flags::write(flags::read() | flags::kAlignmentCheck);
    asm volatile("int3");
    return user::broke("nobody stopped at a breakpoint\n");
}

int timer()
{
    return (flags::compute_with(flags::kAlignmentCheck, user::kSomeTicks) & flags::kAlignmentCheck) != 0
               ? user::kSurvived
               : user::broke("AC was lost\n");
}

constexpr user::Case kCases[] = {{"call", call}, {"breakpoint", breakpoint}, {"timer", timer}};

} // namespace

int main()
{
    return user::run_case(kCases);
}
