// SPDX-License-Identifier: MIT
// Hostile (catalogue S01): calls and is interrupted in quick turn, while another program computes: each entry must
// find this thread's own kernel stack, not the one of whoever ran before.
// expect few: exited with status 0
// expect timer: exited with status 0
#include "lib/cases.h"
#include "lib/flags.h"
#include "lib/linux.h"

namespace {

int call(unsigned times)
{
    for (unsigned i = 0; i < times; ++i) {
        if (flags::call_with(0).result != linux_abi::kNoSuchCall) {
            return user::broke("a call went wrong\n");
        }
    }
    return user::kSurvived;
}

int few()
{
    return call(20);
}

int timer()
{
    return call(30'000);
}

constexpr user::Case kCases[] = {{"few", few}, {"timer", timer}};

} // namespace

int main()
{
    return user::run_case(kCases);
}
