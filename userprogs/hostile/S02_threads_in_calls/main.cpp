// SPDX-License-Identifier: MIT
// Hostile (catalogue S02): threads of one process that are inside calls at the same time.  On one kernel stack each
// would overwrite what the others have left there.
// expect: exited with status 0
#include "lib/cases.h"
#include "lib/registers.h"
#include "lib/thread.h"

namespace {

using user::Registers;

constexpr unsigned kThreads = 3, kRounds = 20;

user::Thread threads[kThreads];
volatile unsigned broken = 0;

/// Gives up the CPU inside a call again and again, with registers that nobody else has.
void give_way(std::uint64_t seed)
{
    for (unsigned round = 0; round < kRounds; ++round) {
        Registers before = Registers::pattern(seed + round), after{};
        before.general[Registers::Rax] = static_cast<std::uint64_t>(uapi::Syscall::SchedYield);
        hold_registers_over_syscall(&before, &after);
        Registers expected = before;
        expected.general[Registers::Rax] = 0;
        expected.general[Registers::Rcx] = after.general[Registers::Rcx];
        expected.general[Registers::R11] = after.general[Registers::R11];
        if (!(after == expected)) {
            broken = broken + 1;
        }
    }
}

void run_thread(void* thread)
{
    give_way(reinterpret_cast<std::uint64_t>(thread));
    user::exit(0);
}

/// Inside one call for as long as the others make theirs.
void sleep_meanwhile(void*)
{
    const std::int64_t slept = user::sleep_milliseconds(20);
    if (slept != 0) {
        broken = broken + 1;
    }
    user::exit(0);
}

} // namespace

int main()
{
    for (unsigned i = 0; i < kThreads; ++i) {
        if (threads[i].start(i == 0 ? sleep_meanwhile : run_thread, &threads[i]) < 0) {
            return user::broke("a thread does not start\n");
        }
    }
    give_way(1);
    for (user::Thread& thread : threads) {
        thread.join();
    }
    return broken == 0 ? user::kSurvived : user::broke("a call came back with another thread's registers\n");
}
