// SPDX-License-Identifier: MIT
// Ring 3: two programs that take turns by a word in their shared page.  alpha gives the CPU away while it waits; beta
// spins until the timer takes it, so the order of their lines is the same on every machine.
#include "guests/int80/programs.h"

#include "guests/int80/memory.h"
#include "guests/int80/system_calls.h"

namespace {

constexpr int kRounds = 3;

std::uint64_t call(std::uint64_t number, std::uint64_t one = 0, std::uint64_t two = 0, std::uint64_t three = 0)
{
    std::uint64_t result = 0;
    asm volatile("int $0x80" : "=a"(result) : "a"(number), "b"(one), "c"(two), "d"(three) : "memory");
    return result;
}

template <std::uint64_t kSize> void say(const char (&text)[kSize])
{
    call(kWrite, 1, reinterpret_cast<std::uint64_t>(text), kSize - 1);
}

volatile std::uint64_t& turn()
{
    return *reinterpret_cast<volatile std::uint64_t*>(kSharedPage);
}

} // namespace

void alpha()
{
    for (int round = 0; round < kRounds; ++round) {
        while (turn() != 0) {
            call(kYield);
        }
        say("alpha's turn\n");
        turn() = 1;
    }
    while (turn() != 0) {
        call(kYield);
    }
    constexpr std::uint64_t kOfTheKernel = 0x10'0000;
    if (call(kWrite, 1, kOfTheKernel, 8) == 0 - kBadAddress) {
        say("alpha may not write from the kernel's memory\n");
    }
    turn() = 1;
    call(kExit, 0);
}

void beta()
{
    for (int round = 0; round <= kRounds; ++round) {
        while (turn() != 1) {
            asm volatile("pause");
        }
        if (round < kRounds) {
            say("beta's turn\n");
        }
        turn() = 0;
    }
    call(kExit, 7);
}
