// SPDX-License-Identifier: MIT
// Ring 3: threads that take turns by a word that they share.  Each knows its number from storage of its own, which it
// points FS to without asking the kernel.  Thread 0 gives the CPU away while it waits, the others spin until the timer
// takes it, so the order of the lines is the same on every machine.
#include "guests/apic/program.h"

#include "guests/apic/memory.h"
#include "guests/apic/system_calls.h"

namespace {

constexpr int kRounds = 3;

struct Local {
    std::uint64_t number;
};

struct Shared {
    volatile std::uint64_t turn;
    Local local[kThreads];
};

Shared& shared()
{
    return *reinterpret_cast<Shared*>(kSharedData);
}

std::uint64_t call(std::uint64_t number, std::uint64_t one = 0, std::uint64_t two = 0)
{
    std::uint64_t result = 0;
    asm volatile("syscall" : "=a"(result) : "a"(number), "D"(one), "S"(two) : "rcx", "r11", "memory");
    return result;
}

std::uint64_t own_number()
{
    std::uint64_t number = 0;
    asm volatile("movq %%fs:0, %0" : "=r"(number));
    return number;
}

void say(int round)
{
    char text[] = "thread N, round N\n";
    text[7] = static_cast<char>('0' + own_number());
    text[16] = static_cast<char>('1' + round);
    call(kPrint, reinterpret_cast<std::uint64_t>(text), sizeof text - 1);
}

} // namespace

void program()
{
    const std::uint64_t number = call(kThreadNumber);
    shared().local[number].number = number;
    asm volatile("wrfsbase %0" ::"r"(&shared().local[number]));
    for (int round = 0; round <= kRounds; ++round) {
        while (shared().turn != own_number()) {
            if (number == 0) {
                call(kYield);
            } else {
                asm volatile("pause");
            }
        }
        if (round < kRounds) {
            say(round);
        } else {
            call(kPrint, 0xffff'ffff'8010'0000, 8); // refused: it is the kernel's
        }
        shared().turn = (number + 1) % kThreads;
    }
    call(kLeave, number);
}
