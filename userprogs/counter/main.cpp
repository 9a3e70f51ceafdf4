// SPDX-License-Identifier: MIT
// Computes for a few timer ticks between lines, so that the scheduler has something to preempt.
#include "lib/syscall.h"

namespace {

constexpr unsigned kLines = 3;
constexpr unsigned kStepsBetweenLines = 700'000;

} // namespace

int main()
{
    for (unsigned line = 0; line < kLines; ++line) {
        for (unsigned step = 0; step < kStepsBetweenLines; ++step) {
            asm volatile("");
        }
        user::print("counted\n");
    }
    return 0;
}
