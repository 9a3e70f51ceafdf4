// SPDX-License-Identifier: MIT
// Ring 3: a sum, with a system call every now and then.
#include "guests/long_boot/user.h"

void user_program()
{
    constexpr unsigned kCalls = 2000, kTurns = 200;
    std::uint64_t sum = 0;
    for (unsigned call = 0; call < kCalls; ++call) {
        for (unsigned turn = 0; turn < kTurns; ++turn) {
            sum = sum * 5 + turn;
            asm volatile("" : "+r"(sum));
        }
        std::uint64_t result = kAdd;
        asm volatile("syscall" : "+a"(result) : "D"(sum) : "rcx", "r11", "memory");
        sum ^= result;
    }
    std::uint64_t number = kLeave;
    asm volatile("syscall" : "+a"(number)::"rcx", "r11", "memory");
}
