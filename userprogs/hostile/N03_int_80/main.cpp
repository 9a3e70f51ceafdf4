// SPDX-License-Identifier: MIT
// Hostile (catalogue N03): the system call of 32-bit programs.
// expect: killed by SIGSEGV: #GP
#include "lib/cases.h"

int main()
{
    asm volatile("int $0x80" : : "a"(~std::uint64_t{0} << 32 | 1) : "memory");
    return user::broke("INT 0x80 came back\n");
}
