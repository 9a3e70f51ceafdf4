// SPDX-License-Identifier: MIT
// Hostile (catalogue R15): every register is another word across a call and across interrupts.
// expect call: exited with status 0
// expect timer: exited with status 0
#include "lib/cases.h"
#include "lib/flags.h"
#include "lib/linux.h"
#include "lib/registers.h"

namespace {

int call()
{
    using user::Registers;
    Registers before = Registers::pattern(1), after{};
    before.general[Registers::Rax] = flags::kUnknownCall;
    hold_registers_over_syscall(&before, &after);
    Registers expected = before;
    expected.general[Registers::Rax] = static_cast<std::uint64_t>(linux_abi::kNoSuchCall);
    // SYSCALL puts RIP and RFLAGS there.
    expected.general[Registers::Rcx] = after.general[Registers::Rcx];
    expected.general[Registers::R11] = after.general[Registers::R11];
    return after == expected ? user::kSurvived : user::broke("a register has changed\n");
}

int timer()
{
    const user::Registers before = user::Registers::pattern(2);
    user::Registers after{};
    hold_registers(&before, &after, user::kSomeTicks);
    return after == before ? user::kSurvived : user::broke("a register has changed\n");
}

constexpr user::Case kCases[] = {{"call", call}, {"timer", timer}};

} // namespace

int main()
{
    return user::run_case(kCases);
}
