// SPDX-License-Identifier: MIT
// Runs in the background while hostile programs try their best: computes for ever, and says so when a register or a
// byte of its memory is not what it left there.  Silence is the good sign.
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

} // namespace

int main()
{
    for (std::uint64_t round = 0;; ++round) {
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
    }
}
