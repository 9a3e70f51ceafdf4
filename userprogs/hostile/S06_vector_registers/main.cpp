// SPDX-License-Identifier: MIT
// Hostile (catalogue S06): SSE and x87 registers, their rounding modes too, while the canary holds others.
// expect timer: exited with status 0
// expect call: exited with status 0
#include "lib/cases.h"
#include "lib/flags.h"
#include "lib/linux.h"
#include "lib/registers.h"

namespace {

int timer()
{
    const user::Registers before = user::Registers::pattern(0x5eed);
    user::Registers after{};
    hold_registers(&before, &after, user::kSomeTicks);
    return after == before ? user::kSurvived : user::broke("a register has changed\n");
}

int call()
{
    user::Registers before = user::Registers::pattern(0x5eed), after{};
    before.general[user::Registers::Rax] = flags::kUnknownCall;
    hold_registers_over_syscall(&before, &after);
    for (unsigned i = 0; i < user::Registers::kVector; ++i) {
        if (after.vector[i][0] != before.vector[i][0] || after.vector[i][1] != before.vector[i][1]) {
            return user::broke("a vector register has changed\n");
        }
    }
    return after.mxcsr == before.mxcsr && after.control_word == before.control_word
               ? user::kSurvived
               : user::broke("a control word has changed\n");
}

constexpr user::Case kCases[] = {{"timer", timer}, {"call", call}};

} // namespace

int main()
{
    return user::run_case(kCases);
}
