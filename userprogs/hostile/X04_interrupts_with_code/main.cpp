// SPDX-License-Identifier: MIT
// Hostile (catalogue X04): raises by INT n the exceptions that push an error code, which INT n does not.
// expect: killed by SIGSEGV: #GP
// expect 8: killed by SIGSEGV: #GP
// expect 10: killed by SIGSEGV: #GP
// expect 11: killed by SIGSEGV: #GP
// expect 12: killed by SIGSEGV: #GP
// expect 13: killed by SIGSEGV: #GP
// expect 14: killed by SIGSEGV: #GP
// expect 17: killed by SIGSEGV: #GP
// expect 21: killed by SIGSEGV: #GP
#include "lib/cases.h"

extern "C" const std::uint8_t interrupts[]; ///< INT n; RET for each n, four bytes each

asm(".pushsection .text; .globl interrupts; interrupts:\n"
    ".set vector, 0; .rept 256; .byte 0xcd, vector, 0xc3, 0x90; .set vector, vector + 1; .endr; .popsection");

int main()
{
    unsigned vector = 0;
    for (const char* digit = user::arguments[1]; *digit != '\0'; ++digit) {
        vector = vector * 10 + static_cast<unsigned>(*digit - '0');
    }
    reinterpret_cast<void (*)()>(reinterpret_cast<std::uint64_t>(&interrupts[4 * (vector % 256)]))();
    return user::broke("the interrupt came back\n");
}
