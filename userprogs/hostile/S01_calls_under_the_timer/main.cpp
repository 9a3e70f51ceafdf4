// SPDX-License-Identifier: MIT
// Hostile (catalogue S01): calls and is interrupted in quick turn, while another program computes: each entry must
// find this thread's own kernel stack, not the one of whoever ran before.
// expect timer: exited with status 0
#include "lib/cases.h"
#include "lib/flags.h"
#include "lib/linux.h"

int main()
{
    for (unsigned call = 0; call < 30'000; ++call) {
        if (flags::call_with(0).result != linux_abi::kNoSuchCall) {
            return user::broke("a call went wrong\n");
        }
    }
    return user::kSurvived;
}
