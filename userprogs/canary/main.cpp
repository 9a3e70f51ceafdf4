// SPDX-License-Identifier: MIT
// Runs in the background while hostile programs try their best: a child that computes for ever, and says so when a
// register or a byte of its memory is not what it left there.  Silence is the good sign.
#include "lib/process.h"
#include "lib/registers.h"
#include "lib/syscall.h"

namespace {

constexpr std::uint64_t kStepsOfARound = 20'000;
constexpr unsigned kWords = 2048; ///< four pages

std::uint64_t memory[kWords];

std::uint64_t word_of(std::uint64_t round, unsigned index)
{
    return (round + 1) * 0x9e37'79b9'7f4a'7c15 ^ index;
}

bool memory_is(std::uint64_t round)
{
    for (unsigned i = 0; i < kWords; ++i) {
        if (memory[i] != word_of(round, i)) {
            return false;
        }
    }
    return true;
}

int run_round(std::uint64_t round)
{
    for (unsigned i = 0; i < kWords; ++i) {
        memory[i] = word_of(round, i);
    }
    const user::Registers before = user::Registers::pattern(round);
    user::Registers after{};
    hold_registers(&before, &after, kStepsOfARound);
    if (!(before == after)) {
        user::print("canary: a register has changed\n");
        return 1;
    }
    if (!memory_is(round)) {
        user::print("canary: memory has changed\n");
        return 2;
    }
    return 0;
}

} // namespace

// The parent ends with all pages touched, so that from the next prompt on the child holds the frames that it will
// always hold, however little it has run by then: whoever counts the free ones can begin.  In a process group of its
// own, which the parent gives it, the child does not end with the foreground.
int main()
{
    std::uint64_t round = 0;
    int broken = run_round(round);
    if (broken != 0) {
        return broken;
    }
    const std::int64_t child = user::fork();
    if (child == 0) {
        while (broken == 0) {
            broken = run_round(++round);
        }
        return broken;
    }
    if (child < 0 || user::system_call(uapi::Syscall::Setpgid, static_cast<std::uint64_t>(child)) != 0) {
        user::print("canary: there is no child\n");
        return 3;
    }
    return 0;
}
