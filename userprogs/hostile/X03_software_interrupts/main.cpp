// SPDX-License-Identifier: MIT
// Hostile (catalogue X03): raises by INT n what only hardware and the CPU may raise. 3 and 4 are for programs.
// expect: killed by SIGSEGV: #GP
// expect 1: killed by SIGSEGV: #GP
// expect 2: killed by SIGSEGV: #GP
// expect 6: killed by SIGSEGV: #GP
// expect 7: killed by SIGSEGV: #GP
// expect 16: killed by SIGSEGV: #GP
// expect 18: killed by SIGSEGV: #GP
// expect 19: killed by SIGSEGV: #GP
// expect 32: killed by SIGSEGV: #GP
// expect 33: killed by SIGSEGV: #GP
// expect 36: killed by SIGSEGV: #GP
// expect 39: killed by SIGSEGV: #GP
// expect 47: killed by SIGSEGV: #GP
// expect 48: killed by SIGSEGV: #GP
// expect 128: killed by SIGSEGV: #GP
// expect 254: killed by SIGSEGV: #GP
// expect 255: killed by SIGSEGV: #GP
// expect 3: killed by SIGTRAP: #BP
// expect 4: killed by SIGSEGV: #OF
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
